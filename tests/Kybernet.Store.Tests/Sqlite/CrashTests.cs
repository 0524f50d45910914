using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Kybernet.Store.Sqlite;

namespace Kybernet.Store.Tests.Sqlite;

public sealed class CrashTests : IDisposable
{
    private const int Rounds = 25;
    private const int RoundsPerCheck = 5;
    private readonly string _directory = TestDirectory.Make();
    private readonly Dictionary<long, (string Key, string Hash)> _acknowledged = [];
    private long _verified = 1;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_store_killed_again_and_again_during_writes_has_every_acknowledged_write_and_no_torn_one()
    {
        for (var round = 1; round <= Rounds; round++)
        {
            // Most rounds begin with what the killed process left behind, as its successor finds it.
            await WriteUntilKilledAsync(acknowledgements: Random.Shared.Next(1, 700));
            if (round % RoundsPerCheck == 0)
            {
                await CheckAsync();
            }
        }
        Assert.True(_acknowledged.Count > 25 * 10, $"only {_acknowledged.Count} writes were made: this tested nothing");
    }

    private async Task WriteUntilKilledAsync(int acknowledgements)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Kybernet.Store.CrashWriter.dll"), _directory },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = 0;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                Remember(line);
                if (++lines == acknowledgements)
                {
                    process.Kill();
                }
            }
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            process.Kill();
        }
        Assert.True(lines >= acknowledgements, $"the writer ended by itself: {await errors}");
    }

    private void Remember(string line)
    {
        if (line.Split(' ') is [var revision, var key, var hash, "."])
        {
            // A revision acknowledged twice would throw here.
            _acknowledged.Add(long.Parse(revision, CultureInfo.InvariantCulture), (key, hash));
        }
    }

    private async Task CheckAsync()
    {
        var cancelled = TestContext.Current.CancellationToken;
        await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = _directory }, cancelled);
        var newest = await store.GetRevisionAsync(cancelled);
        Assert.True(newest >= _acknowledged.Keys.Max(), $"revision {_acknowledged.Keys.Max()} was acknowledged; the store is at {newest}");
        await foreach (var batch in store.WatchAsync("", _verified, cancelled))
        {
            foreach (var found in batch.Events)
            {
                Assert.Equal(++_verified, found.Revision); // no gap, whether acknowledged or not
                var hash = found.Current is { } current ? HashOf(current.Value.Span) : "-";
                if (_acknowledged.TryGetValue(found.Revision, out var acknowledged))
                {
                    Assert.Equal(acknowledged, (found.Key, hash));
                }
            }
            if (batch.Revision == newest)
            {
                break;
            }
        }
        Assert.Equal(newest, _verified);
        foreach (var item in (await store.RangeAsync(new RangeRequest(""), cancelled)).Items)
        {
            HashOf(item.Value.Span);
        }
    }

    /// <summary>The hash that the value says it has, once it is seen to be true.</summary>
    private static string HashOf(ReadOnlySpan<byte> value)
    {
        Assert.True(SHA256.HashData(value[SHA256.HashSizeInBytes..]).AsSpan().SequenceEqual(value[..SHA256.HashSizeInBytes]), "a torn value");
        return Convert.ToHexString(value[..SHA256.HashSizeInBytes]);
    }
}
