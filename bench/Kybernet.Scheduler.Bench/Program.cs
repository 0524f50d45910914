using System.Diagnostics;
using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Policy.V1;
using Kybernet.Api.Storage.V1;
using Kybernet.Scheduler;
using Kybernet.Scheduler.Framework;
using Kybernet.Scheduler.Model;
using Microsoft.Extensions.Logging.Abstractions;

// Places pods on nodes in memory, without an API server: what the scheduler alone can do. Arguments: nodes, pods.
var nodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1000;
var pods = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 10_000;
Console.WriteLine($"{nodes} nodes, {pods} pods");
Console.WriteLine($"{"workload",-24} {"pods/s",10} {"µs/pod",8} {"CPU µs",8} {"B/pod",8} {"compile µs",10}");
foreach (var workload in new[] { "basic", "basic", "spread by set", "tolerations+affinity", "topology spread", "anti-affinity" })
{
    await Workload.RunAsync(workload, nodes, pods);
}

internal static class Workload
{
    public static async Task RunAsync(string workload, int nodes, int pods)
    {
        using var stop = new CancellationTokenSource();
        var background = new BackgroundWork(NullLogger.Instance, stop.Token);
        using var scheduler = new PodScheduler(
            new SchedulerOptions { Seed = 1 }, new View(), new NoApi(), background, TimeProvider.System, NullLogger.Instance);
        var feed = new ClusterFeed(scheduler);
        for (var i = 0; i < nodes; i++)
        {
            feed.NodeAdded(ModelJson.Parse<Node>(System.Text.Encoding.UTF8.GetBytes(
                """{"metadata":{"name":"NODE","labels":{"kubernetes.io/hostname":"NODE","topology.kubernetes.io/zone":"ZONE","kubernetes.io/os":"linux"}},"status":{"allocatable":{"cpu":"32","memory":"64Gi","pods":"110"}}}"""
                    .Replace("NODE", $"node-{i}", StringComparison.Ordinal)
                    .Replace("ZONE", $"zone-{i % 3}", StringComparison.Ordinal))));
        }
        var models = new Pod[pods];
        for (var i = 0; i < pods; i++)
        {
            models[i] = ModelJson.Parse<Pod>(System.Text.Encoding.UTF8.GetBytes(PodOf(workload, i)));
        }
        var compiling = Stopwatch.StartNew();
        foreach (var pod in models)
        {
            feed.PodAdded(pod);
        }
        compiling.Stop();
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var count = 0;
        while (scheduler.TryScheduleOne())
        {
            count++;
        }
        watch.Stop();
        cpu = Environment.CpuUsage.TotalTime - cpu; // of the whole process, bindings included: what a busy machine does not distort
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / pods;
        await background.WhenIdleAsync();
        if (scheduler.Metrics.Scheduled != pods)
        {
            throw new InvalidOperationException($"{scheduler.Metrics.Scheduled} of {pods} pods were placed in {count} attempts");
        }
        Console.WriteLine(
            $"{workload,-24} {pods / watch.Elapsed.TotalSeconds,10:N0} {watch.Elapsed.TotalMicroseconds / pods,8:N1} {cpu.TotalMicroseconds / pods,8:N1} {bytes,8:N0} {compiling.Elapsed.TotalMicroseconds / pods,10:N1}");
    }

    private static string PodOf(string workload, int i)
    {
        var (label, value) = workload switch
        {
            "basic" or "tolerations+affinity" => ("name", "x"),
            "anti-affinity" => ("color", $"c{i % 100}"),
            _ => ("app", $"web-{i % 20}"),
        };
        var extra = workload switch
        {
            "tolerations+affinity" => """
                ,"tolerations":[{"key":"a","operator":"Exists"}],
                "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
                    {"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"In","values":["zone-1","zone-2"]}]}]}}}
                """,
            "topology spread" => """
                ,"topologySpreadConstraints":[{"maxSkew":5,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule",
                    "labelSelector":{"matchLabels":{"LABEL":"VALUE"}}}]
                """,
            "anti-affinity" => """
                ,"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
                    {"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"LABEL":"VALUE"}}}]}}
                """,
            _ => "",
        };
        return ("""
            {"metadata":{"name":"pod-NUMBER","namespace":"default","uid":"NUMBER","labels":{"LABEL":"VALUE"}},
            "spec":{"containers":[{"name":"c","image":"pause:3","resources":{"requests":{"cpu":"100m","memory":"500Mi"}}}]
            """ + extra + "}}")
            .Replace("NUMBER", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("LABEL", label, StringComparison.Ordinal)
            .Replace("VALUE", value, StringComparison.Ordinal);
    }

    private sealed class View : IClusterView
    {
        public PodSelector? PeersOf(PodFacts pod) => pod.Labels.TryGetValue("app", out var app)
            ? PodSelector.OfLabels(new Dictionary<string, string> { ["app"] = app })
            : null;

        public IReadOnlyDictionary<string, string> NamespaceLabels(string name) => new Dictionary<string, string>();

        public IReadOnlyList<PodDisruptionBudget> DisruptionBudgets() => [];

        public IVolumeView Volumes { get; } = new NoVolumes();
    }

    private sealed class NoVolumes : IVolumeView
    {
        public PersistentVolumeClaim? Claim(NamespacedName key) => null;

        public PersistentVolume? Volume(string name) => null;

        public IReadOnlyList<PersistentVolume> VolumesOf(string storageClass) => [];

        public StorageClass? Class(string name) => null;

        public CSINode? CsiNode(string name) => null;
    }

    private sealed class NoApi : ISchedulerApi
    {
        public Task BindAsync(PodFacts pod, string node, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task PatchStatusAsync(Pod pod, PodCondition condition, string? nominatedNode, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DeleteAsync(PodFacts pod, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UpdateAsync(PersistentVolumeClaim claim, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task UpdateAsync(PersistentVolume volume, CancellationToken cancellationToken) => Task.CompletedTask;

        public void Report(PodFacts pod, PodFacts? related, string type, string reason, string action, string note)
        {
        }
    }
}
