using System.Globalization;
using Kybernet.Store.CrashWriter.Histories;

namespace Kybernet.Store.Tests.Histories;

/// <summary>
/// A history in the making. How long one lasts is said by the environment variable <c>KYBERNET_HISTORY_SECONDS</c>, and is short without it; what the
/// choices follow from by <c>KYBERNET_HISTORY_SEED</c>, and is printed.
/// </summary>
internal sealed class HistoryRun
{
    private const double UsualSeconds = 6;
    private readonly StringWriter _lines = new(CultureInfo.InvariantCulture);
    private readonly List<string> _read = [];

    public HistoryRun()
    {
        Seed = int.TryParse(Environment.GetEnvironmentVariable("KYBERNET_HISTORY_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : Random.Shared.Next(1_000_000);
        Length = TimeSpan.FromSeconds(
            double.TryParse(Environment.GetEnvironmentVariable("KYBERNET_HISTORY_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds : UsualSeconds);
        TestContext.Current.TestOutputHelper?.WriteLine($"KYBERNET_HISTORY_SEED={Seed}");
    }

    public int Seed { get; }

    public TimeSpan Length { get; }

    /// <summary>Adds a line that another process wrote.</summary>
    public void Add(string line) => _read.Add(line);

    /// <summary>The history as far as it has come.</summary>
    public History Parse()
    {
        var history = new History();
        foreach (var line in _read.Concat(_lines.ToString().Split('\n')))
        {
            history.Add(line);
        }
        return history;
    }

    /// <summary>Runs a workload in this process while <paramref name="faults"/> does its worst, then lets it end in peace.</summary>
    public async Task RecordAsync(IReadOnlyList<IStore> stores, long after, Func<Random, CancellationToken, Task> faults, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new Workload(stores, new HistoryLog(_lines, "p"), new WorkloadOptions(Seed, after)).RunAsync(stop.Token);
        stop.CancelAfter(Length);
        try
        {
            await faults(new Random(Seed), stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It was in the middle of a pause.
        }
        await running;
    }

    /// <summary>Adds what the store holds in the end, and what of that no watcher was told yet, and checks all of it.</summary>
    public async Task CheckAsync(IStore store, int minRequests, CancellationToken cancellationToken)
    {
        var reached = Parse().Reached;
        var log = new HistoryLog(_lines, "end");
        var range = await store.RangeAsync(new RangeRequest("/registry/"), cancellationToken);
        log.Write(string.Create(CultureInfo.InvariantCulture, $"o end /registry/ {reached}"));
        if (range.Revision > reached)
        {
            await foreach (var batch in store.WatchAsync("/registry/", reached, cancellationToken))
            {
                var events = string.Concat(batch.Events.Select(static change => string.Create(
                    CultureInfo.InvariantCulture, $" {change.Key}@{change.Revision}={Values.StateOf(change.Current)}>{Values.StateOf(change.Previous)}")));
                log.Write(string.Create(CultureInfo.InvariantCulture, $"B end {batch.Revision}{events}"));
                if (batch.Revision >= range.Revision)
                {
                    break;
                }
            }
        }
        log.Write(string.Create(CultureInfo.InvariantCulture, $"r last /registry/ 0"));
        log.Write(string.Create(CultureInfo.InvariantCulture, $"R last {range.Revision}{string.Concat(range.Items.Select(static item => $" {item.Key}={Values.StateOf(item)}"))}"));
        var history = Parse();
        var violations = HistoryChecker.Check(history);
        if (violations.Count > 0)
        {
            var file = Path.Combine(Path.GetTempPath(), $"history-{Seed}.txt");
            await File.WriteAllLinesAsync(file, _read.Concat(_lines.ToString().Split('\n')), cancellationToken);
            Assert.Fail($"seed {Seed}, history in {file}: {violations.Count} violations:\n{string.Join('\n', violations.Take(20))}");
        }
        var endings = history.Requests.CountBy(static request => request.Ending).ToDictionary();
        TestContext.Current.TestOutputHelper?.WriteLine($"{history.Requests.Count} requests ({string.Join(", ", endings)}), revision {range.Revision}, {history.Watches.Count()} watches");
        Assert.True(endings.GetValueOrDefault(Ending.Answered) >= minRequests, $"only {endings.GetValueOrDefault(Ending.Answered)} requests were answered: this tested little");
    }
}
