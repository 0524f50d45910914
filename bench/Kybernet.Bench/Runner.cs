using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Kybernet.Bench;

/// <summary>Runs every scenario against both servers and prints a table.</summary>
internal static class Runner
{
    private const string Collection = "/api/v1/namespaces/default/pods";
    private const int PodCount = 3000;
    private const int Watchers = 100;

    public static async Task<int> RunAsync(int connections, TimeSpan duration, Uri? etcd, CancellationToken cancellationToken)
    {
        using var client = Certificates.ForAdministrator();
        var results = new List<Result>();
        await using (var floor = await ServerProcess.StartAsync(["floor"], cancellationToken))
        {
            Console.WriteLine($"floor: answers {floor.StartupMilliseconds} ms after start, {floor.ResidentMegabytes} MB idle");
            results.AddRange(await FloorAsync(new Load(floor, client, connections), duration, cancellationToken));
        }
        var directory = Directory.CreateTempSubdirectory("kybernet-bench-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "administrator.crt"), client.ExportCertificatePem(), cancellationToken);
            await using var server = await ServerProcess.StartAsync(["serve", directory, .. etcd is null ? [] : new[] { etcd.AbsoluteUri }], cancellationToken);
            Console.WriteLine($"API server: answers {server.StartupMilliseconds} ms after start, {server.ResidentMegabytes} MB idle");
            results.AddRange(await ApiServerAsync(server, client, connections, duration, cancellationToken));
            Console.WriteLine($"API server: {server.ResidentMegabytes} MB after {PodCount} pods and the whole load");
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
        Print(results);
        return results.Exists(result => result.Failures > 0) ? 1 : 0;
    }

    private static async Task<List<Result>> FloorAsync(Load load, TimeSpan duration, CancellationToken cancellationToken)
    {
        var post = Connection.Request("POST", Collection, Pods.New("pod-0"));
        var get = Connection.Request("GET", $"{Collection}/pod-0");
        var list = Connection.Request("GET", $"{Collection}?copies={PodCount}");
        return
        [
            await load.RunAsync("floor POST", duration, _ => post, cancellationToken),
            await load.RunAsync("floor GET", duration, _ => get, cancellationToken),
            await load.RunAsync("floor list", duration, _ => list, cancellationToken),
        ];
    }

    private static async Task<List<Result>> ApiServerAsync(
        ServerProcess server, X509Certificate2 client, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var load = new Load(server, client, connections);
        // What a controller would have made: pods are not let in without their account.
        var account = Connection.Request("POST", "/api/v1/namespaces/default/serviceaccounts", "{\"metadata\":{\"name\":\"default\"}}"u8);
        await load.RunAsync("prepare", TimeSpan.MaxValue, Up(1, _ => account), cancellationToken);
        var results = new List<Result>
        {
            await load.RunAsync("create", TimeSpan.MaxValue, Up(PodCount, i => Connection.Request("POST", Collection, Pods.New($"pod-{i}"))), cancellationToken),
            await load.RunAsync("get", duration, i => Connection.Request("GET", $"{Collection}/pod-{i % PodCount}"), cancellationToken),
            await load.RunAsync("list", duration, _ => Connection.Request("GET", Collection), cancellationToken),
            await load.RunAsync("patch", duration, i => Patch(i, "", $"{{\"metadata\":{{\"annotations\":{{\"example.com/turn\":\"{i}\"}}}}}}"), cancellationToken),
            await load.RunAsync("status", duration, i => Patch(i, "/status", $"{{\"status\":{{\"message\":\"turn {i}\"}}}}"), cancellationToken),
        };
        results.Add(await WatchAsync(server.Port, client, load, duration, cancellationToken));
        results.Add(await load.RunAsync(
            "delete", TimeSpan.MaxValue, Up(PodCount, i => Connection.Request("DELETE", $"{Collection}/pod-{i}", "{\"gracePeriodSeconds\":0}"u8)), cancellationToken));
        return results;
    }

    private static Func<int, byte[]?> Up(int count, Func<int, byte[]> request) => i => i < count ? request(i) : null;

    private static byte[] Patch(int i, string subresource, string body) =>
        Connection.Request("PATCH", $"{Collection}/pod-{i % PodCount}{subresource}", Encoding.UTF8.GetBytes(body), "application/merge-patch+json");

    /// <summary>Counts the events that watchers get while objects are changed over the load's connections.</summary>
    private static async Task<Result> WatchAsync(
        int port, X509Certificate2 client, Load load, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var events = 0L;
        var request = Connection.Request("GET", $"{Collection}?watch=true&resourceVersion={await RevisionAsync(port, client, cancellationToken)}");
        var watches = new List<Task>();
        for (var i = 0; i < Watchers; i++)
        {
            var connection = await Connection.OpenAsync(port, client, cancellationToken);
            await connection.BeginAsync(request, cancellationToken);
            watches.Add(Task.Run(() => CountAsync(connection, count => Interlocked.Add(ref events, count), stop.Token), cancellationToken));
        }
        var clock = Stopwatch.StartNew();
        var patches = await load.RunAsync("watch", duration, i => Patch(i, "", $"{{\"metadata\":{{\"annotations\":{{\"example.com/event\":\"{i}\"}}}}}}"), cancellationToken);
        var seen = Interlocked.Read(ref events);
        var rate = seen / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(watches);
        return patches with
        {
            Name = $"watch events to {Watchers} watchers",
            PerSecond = rate,
            MegabytesPerSecond = rate * Pods.New("x").Length / 1e6,
            CpuMicroseconds = patches.CpuMicroseconds * patches.PerSecond / rate,
        };
    }

    private static async Task CountAsync(Connection connection, Action<int> count, CancellationToken cancellationToken)
    {
        await using (connection)
        {
            try
            {
                while (true)
                {
                    count(await connection.ReadLinesAsync(cancellationToken));
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The scenario is over.
            }
        }
    }

    private static async Task<string> RevisionAsync(int port, X509Certificate2 client, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        handler.SslOptions.ClientCertificates = [client];
        using var http = new HttpClient(handler);
        var body = await http.GetByteArrayAsync($"https://127.0.0.1:{port}{Collection}?limit=1", cancellationToken);
        using var document = System.Text.Json.JsonDocument.Parse(body);
        return document.RootElement.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
    }

    private static void Print(List<Result> results)
    {
        Console.WriteLine();
        Console.WriteLine("| scenario | a second | MB/s | p50 ms | p99 ms | server CPU µs each | failures |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var result in results)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {result.Name} | {result.PerSecond:N0} | {result.MegabytesPerSecond:N1} | {result.P50:N2} | {result.P99:N2} | {result.CpuMicroseconds:N1} | {result.Failures} |"));
        }
    }
}
