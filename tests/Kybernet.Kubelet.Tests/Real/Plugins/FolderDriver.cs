using System.Collections.Concurrent;
using Google.Protobuf;
using Grpc.Core;
using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Plugins.V1;
using Kybernet.Kubelet.Volumes.Csi.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Capability = Kybernet.Kubelet.Volumes.Csi.V1.NodeServiceCapability.Types.RPC.Types.Type;

namespace Kybernet.Kubelet.Tests.Real.Plugins;

/// <summary>A small storage driver: its volumes are folders, which it shows by bind mounts, staged ones by way of the staging place.</summary>
internal sealed class FolderDriver(string store, PluginRegistration registration, IReadOnlyList<Capability> capabilities) : Node.NodeBase, IAsyncDisposable
{
    public const string Name = "folders.csi.test";

    private PluginServer? _server;

    /// <summary>What it was asked, in order.</summary>
    public ConcurrentQueue<IMessage> Calls { get; } = [];

    public Task<RegistrationStatus> Answered => registration.Answered;

    /// <summary>Starts one that the kubelet of a rig finds.</summary>
    public static async Task<FolderDriver> StartAsync(KubeletRig rig, CancellationToken cancellationToken, params Capability[] capabilities)
    {
        var root = rig.Options.RootDirectory;
        var socket = Path.Combine(root, "plugins_registry", $"{Name}-reg.sock");
        var registration = new PluginRegistration(new PluginInfo { Type = "CSIPlugin", Name = Name, Endpoint = socket, SupportedVersions = { "1.0.0" } });
        var driver = new FolderDriver(Path.Combine(Path.GetDirectoryName(root)!, "store"), registration, capabilities);
        driver._server = await PluginServer.StartAsync(
            socket,
            services => services.AddSingleton(driver).AddSingleton(registration),
            static application =>
            {
                application.MapGrpcService<FolderDriver>();
                application.MapGrpcService<PluginRegistration>();
            },
            cancellationToken);
        return driver;
    }

    /// <summary>The requests of one kind that came.</summary>
    public T[] Of<T>()
        where T : IMessage => [.. Calls.OfType<T>()];

    /// <summary>The folder of a volume.</summary>
    public string FolderOf(string volume) => Directory.CreateDirectory(Path.Combine(store, volume)).FullName;

    public override Task<NodeGetInfoResponse> NodeGetInfo(NodeGetInfoRequest request, ServerCallContext context) => Task.FromResult(new NodeGetInfoResponse
    {
        NodeId = "machine-1",
        MaxVolumesPerNode = 7,
        AccessibleTopology = new Topology { Segments = { ["topology.csi.test/rack"] = "r1" } },
    });

    public override Task<NodeGetCapabilitiesResponse> NodeGetCapabilities(NodeGetCapabilitiesRequest request, ServerCallContext context)
    {
        var reply = new NodeGetCapabilitiesResponse();
        reply.Capabilities.AddRange(capabilities.Select(static one => new NodeServiceCapability { Rpc = new NodeServiceCapability.Types.RPC { Type = one } }));
        return Task.FromResult(reply);
    }

    public override Task<NodeStageVolumeResponse> NodeStageVolume(NodeStageVolumeRequest request, ServerCallContext context)
    {
        Calls.Enqueue(request);
        LinuxCalls.Bind(FolderOf(request.VolumeId), request.StagingTargetPath);
        return Task.FromResult(new NodeStageVolumeResponse());
    }

    public override Task<NodeUnstageVolumeResponse> NodeUnstageVolume(NodeUnstageVolumeRequest request, ServerCallContext context)
    {
        Calls.Enqueue(request);
        LinuxCalls.UnmountIfMounted(request.StagingTargetPath);
        return Task.FromResult(new NodeUnstageVolumeResponse());
    }

    public override Task<NodePublishVolumeResponse> NodePublishVolume(NodePublishVolumeRequest request, ServerCallContext context)
    {
        Calls.Enqueue(request);
        if (request.VolumeContext.TryGetValue("refuse", out var why))
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, why));
        }
        Directory.CreateDirectory(request.TargetPath);
        LinuxCalls.Bind(request.StagingTargetPath.Length > 0 ? request.StagingTargetPath : FolderOf(request.VolumeId), request.TargetPath);
        return Task.FromResult(new NodePublishVolumeResponse());
    }

    public override Task<NodeUnpublishVolumeResponse> NodeUnpublishVolume(NodeUnpublishVolumeRequest request, ServerCallContext context)
    {
        Calls.Enqueue(request);
        LinuxCalls.UnmountIfMounted(request.TargetPath);
        return Task.FromResult(new NodeUnpublishVolumeResponse());
    }

    public override Task<NodeGetVolumeStatsResponse> NodeGetVolumeStats(NodeGetVolumeStatsRequest request, ServerCallContext context) => Task.FromResult(
        new NodeGetVolumeStatsResponse { Usage = { new VolumeUsage { Unit = VolumeUsage.Types.Unit.Bytes, Total = 100, Used = 40, Available = 60 } } });

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();
}
