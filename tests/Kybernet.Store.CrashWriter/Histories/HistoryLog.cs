using System.Globalization;

namespace Kybernet.Store.CrashWriter.Histories;

/// <summary>
/// What clients asked of a store and what it answered, a line each: a line that something begins is written before it is asked, one that it ended after it
/// was answered, so that the order of lines is the order of time. A small letter begins, its capital ends:
/// <code>
/// w ID KEY EXPECTED TOKEN       W ID ok|no REVISION STATE | W ID failed | W ID maybe
/// g ID KEY                      G ID STATE | G ID failed
/// r ID PREFIX REVISION          R ID REVISION KEY=STATE... | R ID compacted | R ID failed
/// c ID REVISION                 C ID done | C ID failed
/// o WATCH PREFIX AFTER          B WATCH REVISION [KEY@REVISION=STATE>STATE]...
/// </code>
/// STATE is MOD:CREATE:VERSION:TOKEN, or a dash for nothing; so is EXPECTED for whatever is there, and TOKEN for a deletion.
/// </summary>
public sealed class HistoryLog(TextWriter output, string run)
{
    private readonly Lock _gate = new();
    private int _ids;

    /// <summary>A number that no operation of any run has.</summary>
    public string NextId() => string.Create(CultureInfo.InvariantCulture, $"{run}.{Interlocked.Increment(ref _ids)}");

    /// <summary>Writes a line. A line ends in a full stop, by which one that was cut off is known.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            output.Write($"{line} .\n");
            output.Flush();
        }
    }
}
