using Kybernet.Store.Sqlite.Database;

namespace Kybernet.Store.Sqlite;

/// <summary>
/// Whole copies of the store. One is made beside the store's files and then streamed, so that a slow reader of the stream holds up nothing:
/// while SQLite copies, from one state of the database, the log cannot begin anew.
/// </summary>
internal sealed class Snapshots(string directory, string path)
{
    private const string Suffix = ".snapshot.tmp";

    /// <summary>Deletes what a process that was killed left of its copies.</summary>
    public static void DeleteLeftovers(string directory)
    {
        foreach (var file in Directory.EnumerateFiles(directory, "*" + Suffix + "*"))
        {
            File.Delete(file);
        }
    }

    public async Task WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        var copy = TemporaryPath(directory);
        try
        {
            await Task.Run(() => Copy(copy), cancellationToken).ConfigureAwait(false);
            var file = File.OpenRead(copy);
            await using (file.ConfigureAwait(false))
            {
                await file.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }

    public static async Task RestoreAsync(Stream snapshot, string directory, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            throw new StoreFormatException($"there is a store in {directory} already");
        }
        var copy = TemporaryPath(directory);
        try
        {
            var file = File.Create(copy);
            await using (file.ConfigureAwait(false))
            {
                await snapshot.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            await Task.Run(() => Verify(copy), cancellationToken).ConfigureAwait(false);
            File.Move(copy, path);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    private static string TemporaryPath(string directory) => Path.Combine(directory, Guid.NewGuid().ToString("N") + Suffix);

    private static void Verify(string copy)
    {
        try
        {
            using var connection = SqliteConnection.Open(copy, readOnly: true);
            if (connection.QueryInt64("PRAGMA application_id") != Schema.ApplicationId)
            {
                throw new StoreFormatException("this is not a snapshot of a Kybernet store");
            }
            if (connection.QueryText("PRAGMA integrity_check(1)") is var found && found != "ok")
            {
                throw new StoreFormatException($"the snapshot is damaged: {found}");
            }
        }
        catch (SqliteFailure failure)
        {
            throw new StoreFormatException($"this is not a whole snapshot of a Kybernet store: {failure.Message}", failure);
        }
    }

    private void Copy(string to)
    {
        try
        {
            using var connection = SqliteConnection.Open(path, readOnly: true);
            using var copy = connection.Prepare("VACUUM INTO ?1");
            copy.Bind(1, to);
            copy.Run();
        }
        catch (SqliteFailure failure)
        {
            throw failure.ToUnavailable("cannot copy the store");
        }
    }
}
