using System.Security.Cryptography;
using System.Globalization;
using Kybernet.Store;
using Kybernet.Store.CrashWriter.Histories;
using Kybernet.Store.Sqlite;

// usage: Kybernet.Store.CrashWriter DIRECTORY history RUN SEED AFTER
// Records the history of a workload (HistoryLog) until it is killed.
// usage: Kybernet.Store.CrashWriter DIRECTORY
// Writes with many writers until it is killed. Each acknowledged write is a line "REVISION KEY HASH ." (a deletion has the hash "-"); the
// full stop tells whoever reads the pipe that the line is whole. A value is the hash of its rest, and the rest.
const int Writers = 16;
const int KeysPerWriter = 40;
await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = args[0], CheckpointBytes = 1 << 20 }, CancellationToken.None);
if (args is [_, "history", var run, var seed, var after])
{
    await using var lines = new StreamWriter(Console.OpenStandardOutput());
    var options = new WorkloadOptions(int.Parse(seed, CultureInfo.InvariantCulture), long.Parse(after, CultureInfo.InvariantCulture));
    await new Workload([store], new HistoryLog(lines, run), options).RunAsync(CancellationToken.None);
    return;
}
await using var output = Console.OpenStandardOutput();
var gate = new Lock();
await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteForeverAsync(writer))));

async Task WriteForeverAsync(int writer)
{
    for (var i = 0; ; i++)
    {
        var key = $"/crash/{writer}/{Random.Shared.Next(KeysPerWriter)}";
        var found = await store.GetAsync(key, 0, CancellationToken.None); // nobody else writes this writer's keys
        // Not a plain null: in a conditional it would be taken for an empty array.
        var value = i % 10 == 9 && found is not null ? default(ReadOnlyMemory<byte>?) : NewValue();
        var result = await store.WriteAsync(new Write(key, value, found?.ModRevision ?? 0), CancellationToken.None);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"{key} was read at {found?.ModRevision} and is at {result.Current?.ModRevision}");
        }
        var hash = value is { } made ? Convert.ToHexString(made.Span[..SHA256.HashSizeInBytes]) : "-";
        var line = System.Text.Encoding.UTF8.GetBytes($"{result.Revision} {key} {hash} .\n");
        lock (gate)
        {
            output.Write(line);
        }
    }
}

static ReadOnlyMemory<byte> NewValue()
{
    var value = new byte[SHA256.HashSizeInBytes + Random.Shared.Next(0, 9000)];
    var rest = value.AsSpan(SHA256.HashSizeInBytes);
    Random.Shared.NextBytes(rest);
    SHA256.HashData(rest, value);
    return value;
}
