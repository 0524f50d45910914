using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Stats;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet.Eviction;

/// <summary>All that keeps the node from running out of something, put together.</summary>
internal sealed class EvictionHost(
    PodServices services, PodManager pods, NodePressure pressure, UsageSampler usage, Machine machine, NodeEvents events, ILoggerFactory loggers)
{
    /// <summary>Runs it until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (options, time) = (services.Options, services.Time);
        var disk = new ImageFileSystem(services.Runtime, options);
        using var images = new ImageCollector(services.Runtime, disk, options, events, time, loggers.CreateLogger<ImageCollector>());
        var containers = new ContainerCollector(services.Runtime, pods, services.Paths, time, loggers.CreateLogger<ContainerCollector>());
        var eviction = new EvictionManager(
            pods,
            pressure,
            new NodeSupplies(machine, disk),
            new NodeReclaim(containers, images, disk),
            new PodConsumptions(usage, services.Paths, services.Cgroups, disk),
            new StorageLimits(services.Paths),
            options,
            events,
            services.Events,
            time,
            loggers.CreateLogger<EvictionManager>());
        await Loops.RunAllAsync([eviction.RunAsync, images.RunAsync, containers.RunAsync], cancellationToken);
    }
}
