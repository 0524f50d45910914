using System.Diagnostics;
using System.Globalization;
using Kybernet.Store.Sqlite;
using Kybernet.Store.Tests.Sqlite;

namespace Kybernet.Store.Tests.Histories;

/// <summary>What concurrent clients see of a <see cref="SqliteStore"/> is right, whatever happens to its process and its disk while compactions run.</summary>
public sealed class SqliteHistoryTests : IDisposable
{
    private readonly string _directory = TestDirectory.Make();
    private readonly HistoryRun _run = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_history_of_a_store_that_is_killed_again_and_again_is_right()
    {
        var random = new Random(_run.Seed);
        var began = Stopwatch.StartNew();
        for (var round = 0; round < 2 || began.Elapsed < _run.Length; round++)
        {
            await RecordUntilKilledAsync(round, random.Next(200, 4000));
        }
        await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = _directory }, Cancelled);
        await _run.CheckAsync(store, minRequests: 50, Cancelled);
    }

    [Fact]
    public async Task The_history_of_a_store_whose_disk_is_full_now_and_then_is_right()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        var options = new SqliteStoreOptions { DataDirectory = disk.DataDirectory, CheckpointBytes = 1 << 20 };
        await using var store = await SqliteStore.OpenAsync(options, Cancelled);
        await _run.RecordAsync(
            [store],
            after: 1,
            async (random, stop) =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await PauseAsync(random, stop);
                    disk.FillUpTo(random.Next(200_000));
                    await PauseAsync(random, stop);
                    disk.TakeOutBallast();
                }
            },
            Cancelled);
        await _run.CheckAsync(store, minRequests: 50, Cancelled);
    }

    [Fact]
    public async Task The_history_of_a_store_whose_disk_stalls_is_right()
    {
        using var disk = StallingDisk.Mount(megabytes: 64);
        await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { DataDirectory = disk.DataDirectory }, Cancelled);
        await _run.RecordAsync(
            [store],
            after: 1,
            async (random, stop) =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await PauseAsync(random, stop);
                    await disk.StallAsync(TimeSpan.FromMilliseconds(random.Next(100, 700)), Cancelled);
                }
            },
            Cancelled);
        await _run.CheckAsync(store, minRequests: 50, Cancelled);
    }

    private static Task PauseAsync(Random random, CancellationToken stop) =>
        Task.Delay(TimeSpan.FromMilliseconds(random.Next(100, 500)), TimeProvider.System, stop).ContinueWith(static _ => { }, TaskScheduler.Default);

    private async Task RecordUntilKilledAsync(int round, int lines)
    {
        var reached = _run.Parse().Reached.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Kybernet.Store.CrashWriter.dll"), _directory, "history", $"k{round}",
                (_run.Seed + round).ToString(CultureInfo.InvariantCulture), reached,
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Cancelled);
        var count = 0;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(Cancelled) is { } line)
            {
                _run.Add(line);
                if (++count == lines)
                {
                    process.Kill();
                }
            }
            await process.WaitForExitAsync(Cancelled);
        }
        finally
        {
            process.Kill();
        }
        Assert.True(count >= lines, $"the recorder ended by itself: {await errors}");
    }
}
