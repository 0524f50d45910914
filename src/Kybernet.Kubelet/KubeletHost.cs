using Kybernet.Api.Core.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Admission;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Cpus;
using Kybernet.Kubelet.Devices;
using Kybernet.Kubelet.Environment;
using Kybernet.Kubelet.Eviction;
using Kybernet.Kubelet.Images;
using Kybernet.Kubelet.Lifecycle;
using Kybernet.Kubelet.Logs;
using Kybernet.Kubelet.Nodes;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Plugins;
using Kybernet.Kubelet.Pods;
using Kybernet.Kubelet.Probes;
using Kybernet.Kubelet.Resources;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Sandboxes;
using Kybernet.Kubelet.Server.Access;
using Kybernet.Kubelet.Server;
using Kybernet.Kubelet.Shutdown;
using Kybernet.Kubelet.StaticPods;
using Kybernet.Kubelet.Stats;
using Kybernet.Kubelet.Volumes.Csi;
using Kybernet.Kubelet.Volumes.Images;
using Kybernet.Kubelet.Volumes;
using Microsoft.Extensions.Logging;

namespace Kybernet.Kubelet;

/// <summary>The kubelet of one node, put together.</summary>
/// <param name="client">The way to the API server, as the node's own identity.</param>
/// <param name="options">What it has to be told.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Where it tells what it does.</param>
public sealed class KubeletHost(ApiClient client, KubeletOptions options, TimeProvider time, ILoggerFactory loggers)
{
    /// <summary>
    /// Runs until cancelled; the pods' containers then go on running, and the next start finds them. Ends with an exception where a part of it fails
    /// for good: the whole is to be started again.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var runtime = new CriRuntime(options.RuntimeEndpoint);
        var bus = System.Environment.GetEnvironmentVariable("DBUS_SYSTEM_BUS_ADDRESS") ?? LogindInhibitor.SystemBus;
        await RunAsync(runtime, new LogindInhibitor(bus, LogindInhibitor.ConfigurationFolder), cancellationToken);
    }

    internal async Task RunAsync(IContainerRuntime runtime, IShutdownInhibitor inhibitor, CancellationToken cancellationToken)
    {
        var logger = loggers.CreateLogger("Kybernet.Kubelet");
        var machine = new Machine(options.RootDirectory);
        var recorder = new EventRecorder(client, "kubelet", options.NodeName, time, logger);
        var events = new PodEvents(recorder);
        var nodeEvents = new NodeEvents(recorder, options);
        using var http = new HttpCaller();
        await using var probes = new ProbeManager(new Prober(runtime, http, new GrpcHealth(), events, time), time);
        var informers = new InformerFactory(client, time, loggers);
        var pods = informers.Informer<Pod>("", new ListSelection(FieldSelector: $"spec.nodeName={options.NodeName}"));
        var usage = new UsageSampler(runtime, time, loggers.CreateLogger<UsageSampler>());
        var devicePaths = new DevicePaths(options);
        var devices = new DeviceManager(new DeviceCheckpoint(devicePaths.Checkpoint), time, loggers.CreateLogger<DeviceManager>());
        devices.Restore();
        var builder = new NodeStatusBuilder(options, machine, devices);
        var nodes = informers.Informer<Node>("", new ListSelection(FieldSelector: $"metadata.name={options.NodeName}"));
        var guards = new NodeGuards(pods, new NodeView(nodes, builder, options), devices, options);
        using var storage = new NodeStorage(client, informers, options, time);
        var services = Compose(runtime, machine, events, http, probes, informers, guards, storage);
        var mirrors = new MirrorPods(client, pods, loggers.CreateLogger<MirrorPods>());
        var writer = new StatusWriter(client, mirrors.Find, time, logger);
        var manager = new PodManager(services, pods, writer, loggers.CreateLogger<PodManager>());
        await using var server = await StartServerAsync(services, storage, machine, usage, manager, cancellationToken);
        var reporter = new NodeReporter(
            client, runtime, builder, guards, nodeEvents, options, () => server?.Port ?? options.Port, () => storage.VolumesInUse, time, logger);

        var files = new StaticPodFiles(options, time, loggers.CreateLogger<StaticPodFiles>());
        var statics = new StaticPodManager(files, mirrors, pods, manager, reporter.Registered, options, time);

        await Loops.RunAllAsync(
            [
                recorder.RunAsync,
                informers.RunAsync,
                writer.RunAsync,
                usage.RunAsync,
                new QosCgroups(guards.CgroupTree, guards.Grants, services.Node, options, nodeEvents, time, loggers.CreateLogger<QosCgroups>()).RunAsync,
                new CpuReconciler(guards.Cpus, manager, runtime, options, time, loggers.CreateLogger<CpuReconciler>()).RunAsync,
                new EvictionHost(services, manager, guards.Pressure, usage, machine, nodeEvents, loggers).RunAsync,
                new NodeShutdown(inhibitor, guards.Shutdown, manager, options, nodeEvents, time, loggers.CreateLogger<NodeShutdown>()).RunAsync,
                reporter.RunAsync,
                token => RunPluginsAsync(storage, devices, reporter, token),
                devices.RunAsync,
                new DeviceServer(devices, devicePaths, manager, guards.Cpus, loggers, loggers.CreateLogger<DeviceServer>()).RunAsync,
                new NodeLease(client, reporter, options, time, logger).RunAsync,
                new LogRotation(runtime, options, time, logger).RunAsync,
                token => RunPodsAsync(manager, statics, informers, token),
            ],
            cancellationToken);
    }

    private static async Task RunPodsAsync(PodManager manager, StaticPodManager statics, InformerFactory informers, CancellationToken cancellationToken)
    {
        manager.Begin(cancellationToken);
        // Before anything that runs could be taken for nobody's.
        statics.Look();
        // A container that starts before the Services are known would miss their variables for as long as it lives.
        await Loops.RunAllAsync([token => manager.RunAsync(informers.WaitForSyncAsync, token), statics.RunAsync], cancellationToken);
    }

    private async Task RunPluginsAsync(NodeStorage storage, DeviceManager devices, NodeReporter reporter, CancellationToken cancellationToken)
    {
        // What plugins say of the node is written beside it.
        await reporter.Registered.WaitAsync(cancellationToken);
        var registrar = new PluginRegistrar([storage.Drivers, new DevicePluginHandler(devices)], time);
        var watcher = new PluginWatcher(Path.Combine(options.RootDirectory, "plugins_registry"), registrar, time, loggers.CreateLogger<PluginWatcher>());
        await storage.EnsureNodeObjectAsync(cancellationToken);
        await watcher.RunAsync(cancellationToken);
    }

    private PodServices Compose(
        IContainerRuntime runtime, Machine machine, PodEvents events, HttpCaller http, ProbeManager probes, InformerFactory informers,
        NodeGuards guards, NodeStorage storage)
    {
        var paths = new PodPaths(options);
        var objects = new PodObjects(client, informers, time);
        var tokens = new ServiceAccountTokens(client, time);
        var images = new ImagePuller(
            runtime, new RegistryLogin(objects, CredentialProviders.Of(options, time, loggers.CreateLogger<CredentialProviders>())), events, options, time);
        return new PodServices
        {
            Options = options,
            Paths = paths,
            Runtime = runtime,
            Events = events,
            Services = informers.Informer<Service>(),
            Objects = objects,
            Environment = new EnvironmentBuilder(objects),
            Volumes = new PodVolumes(paths, new ClaimResolver(client), tokens, storage.Plugins(paths, objects, tokens)),
            Admission = guards.Admission,
            Grants = guards.Grants,
            Cgroups = guards.PodCgroups,
            Cpus = guards.Cpus,
            Devices = guards.Devices,
            Sandboxes = new SandboxConfigBuilder(options, paths, guards.PodCgroups),
            RuntimeClasses = new RuntimeClasses(client),
            Containers = new ContainerConfigBuilder(paths),
            Images = images,
            ImageVolumes = new ImageVolumes(images, storage.ImageMounts),
            Hooks = new HookRunner(runtime, http, time),
            Probes = probes,
            Node = NodeAllocatable.Of(machine, options),
            RestartBackOff = new StartBackOff(TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), time),
            Time = time,
        };
    }

    private async Task<KubeletServer?> StartServerAsync(
        PodServices services, NodeStorage storage, Machine machine, UsageSampler usage, PodManager manager, CancellationToken cancellationToken)
    {
        if (options.ServerCertificate is not { } certificate)
        {
            return null;
        }
        var runtime = services.Runtime;
        var finder = new ContainerFinder(manager, runtime);
        var stats = new StatsEndpoints(
            usage,
            new CsiVolumeStats(services.Volumes, storage.Drivers),
            new ContainerMetrics(services.Cgroups, machine),
            new OwnMetrics(runtime, manager, options),
            services.Probes,
            manager,
            machine,
            options,
            time);
        var endpoints = new KubeletEndpoints(
            new AccessFilter(new CallerAuthenticator(client, options, time), new CallerAuthorizer(client, options, time), options),
            new ContainerLogsEndpoint(finder, manager, runtime, time),
            new StreamEndpoints(finder, runtime),
            new PodEndpoints(manager, runtime),
            stats,
            new NodeEndpoints(options, manager),
            new LocalVolumeEndpoint(new LocalFolders(options)));
        return await KubeletServer.StartAsync(options, certificate, endpoints, loggers, cancellationToken);
    }
}
