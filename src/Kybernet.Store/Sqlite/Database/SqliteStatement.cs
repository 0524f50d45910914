using System.Text;
using SQLitePCL;

namespace Kybernet.Store.Sqlite.Database;

/// <summary>A prepared statement that is bound, run and reset over and over.</summary>
internal sealed class SqliteStatement(SqliteConnection connection, sqlite3_stmt statement) : IDisposable
{
    private const int MaxStackBytes = 1024;

    public void Bind(int index, long value) => connection.Check(raw.sqlite3_bind_int64(statement, index, value));

    public void Bind(int index, string text)
    {
        var max = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> utf8 = max <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : new byte[max];
        connection.Check(raw.sqlite3_bind_text(statement, index, utf8[..Encoding.UTF8.GetBytes(text, utf8)]));
    }

    public void Bind(int index, ReadOnlySpan<byte> bytes) => connection.Check(bytes.IsEmpty
        ? raw.sqlite3_bind_zeroblob(statement, index, 0) // an empty span would be bound as NULL
        : raw.sqlite3_bind_blob(statement, index, bytes));

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one; where there is not, the statement is reset.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }
        try
        {
            connection.Check(code);
        }
        finally
        {
            Reset();
        }
        return false;
    }

    /// <summary>Runs a statement that has no rows.</summary>
    public void Run()
    {
        while (Step())
        {
            // A pragma or an UPDATE ... RETURNING could have rows; they are passed over.
        }
    }

    /// <summary>Ends the run. The code it answers repeats the failure that <see cref="Step"/> threw, so it is not looked at.</summary>
    public void Reset() => raw.sqlite3_reset(statement);

    public long Int64(int column) => raw.sqlite3_column_int64(statement, column);

    public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

    public byte[] Blob(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    public void Dispose() => statement.Dispose();
}
