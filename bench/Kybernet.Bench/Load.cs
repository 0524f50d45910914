using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;

namespace Kybernet.Bench;

/// <summary>What a scenario came to.</summary>
/// <param name="Name">The scenario.</param>
/// <param name="PerSecond">Requests, or events, a second.</param>
/// <param name="MegabytesPerSecond">Bodies' bytes a second, in millions.</param>
/// <param name="P50">The median latency in milliseconds; 0 where there is none.</param>
/// <param name="P99">The 99th percentile in milliseconds.</param>
/// <param name="CpuMicroseconds">
/// The processor time that the server took for one of them. The load takes the rest of the machine, and others may share it: this is what to compare.
/// </param>
/// <param name="Failures">Answers that were not 2xx.</param>
internal sealed record Result(
    string Name, double PerSecond, double MegabytesPerSecond, double P50, double P99, double CpuMicroseconds, int Failures);

/// <summary>Sends requests over a fixed number of connections, each as soon as the last is answered.</summary>
internal sealed class Load(ServerProcess server, X509Certificate2 client, int connections)
{
    /// <summary>Runs until the time is over, or the requests are.</summary>
    /// <param name="name">The scenario.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="next">The next request, by its number; null for no more.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task<Result> RunAsync(string name, TimeSpan duration, Func<int, byte[]?> next, CancellationToken cancellationToken)
    {
        var number = -1;
        var workers = new List<Task<Worker>>();
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Connection.OpenAsync(server.Port, client, cancellationToken)));
        var before = server.ProcessorTime;
        var clock = Stopwatch.StartNew();
        foreach (var connection in open)
        {
            workers.Add(Task.Run(
                async () =>
                {
                    var worker = new Worker();
                    while (clock.Elapsed < duration && next(Interlocked.Increment(ref number)) is { } request)
                    {
                        var began = Stopwatch.GetTimestamp();
                        var (status, bytes) = await connection.SendAsync(request, cancellationToken);
                        worker.Add(Stopwatch.GetElapsedTime(began), status, bytes);
                    }
                    return worker;
                },
                cancellationToken));
        }
        var done = await Task.WhenAll(workers);
        var elapsed = clock.Elapsed.TotalSeconds;
        var processorTime = server.ProcessorTime - before;
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }
        var latencies = done.SelectMany(worker => worker.Latencies).Order().ToArray();
        return new Result(
            name,
            latencies.Length / elapsed,
            done.Sum(worker => worker.Bytes) / elapsed / 1e6,
            Percentile(latencies, 0.50),
            Percentile(latencies, 0.99),
            processorTime.TotalMicroseconds / Math.Max(1, latencies.Length),
            done.Sum(worker => worker.Failures));
    }

    private static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private sealed class Worker
    {
        public List<double> Latencies { get; } = [];

        public long Bytes { get; private set; }

        public int Failures { get; private set; }

        public void Add(TimeSpan latency, int status, long bytes)
        {
            Latencies.Add(latency.TotalMilliseconds);
            Bytes += bytes;
            Failures += status is >= 200 and < 300 ? 0 : 1;
        }
    }
}
