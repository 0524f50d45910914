using System.Globalization;
using System.Text.Json.Nodes;
using Grpc.Core;
using Grpc.Net.Client;
using Kybernet.Kubelet.Native;
using Kybernet.Kubelet.Runtime;
using Kybernet.Kubelet.Runtime.Cri;
using Kybernet.Kubelet.Runtime.Snapshots;

namespace Kybernet.Kubelet.Volumes.Images;

/// <summary>
/// Images' files by way of containerd's own interface, behind the same socket: a view of the image's topmost snapshot, which containerd's garbage
/// collector leaves alone because of a label, with all the snapshots below.
/// </summary>
internal sealed class ContainerdImageMounts(string endpoint, TimeProvider time) : IImageMounts, IDisposable
{
    // The first that mounts images into containers, and parts of images too.
    private static readonly Version FirstAble = new(2, 2);

    private static readonly Metadata KubernetesNamespace = new() { { "containerd-namespace", "k8s.io" } };

    private readonly GrpcChannel _channel = CriConnection.Open(endpoint);
    private string? _snapshotter;

    private RuntimeService.RuntimeServiceClient Runtime => field ??= new RuntimeService.RuntimeServiceClient(_channel);

    private ImageService.ImageServiceClient Images => field ??= new ImageService.ImageServiceClient(_channel);

    private Snapshots.SnapshotsClient Snapshots => field ??= new Snapshots.SnapshotsClient(_channel);

    public async Task<bool> AreNeededAsync(CancellationToken cancellationToken)
    {
        var reply = await RuntimeCalls.RunAsync(Runtime.VersionAsync(new VersionRequest(), cancellationToken: cancellationToken), cancellationToken);
        return reply.RuntimeName == "containerd" && Parse(reply.RuntimeVersion) < FirstAble;
    }

    public async Task MountAsync(ImageRecord image, string key, string folder, CancellationToken cancellationToken)
    {
        foreach (var mount in await ViewAsync(image, key, cancellationToken))
        {
            var options = mount.Options.Where(static option => option is not ("ro" or "rw" or "bind" or "rbind"));
            LinuxCalls.MountReadOnly(mount.Source, folder, mount.Type, string.Join(',', options));
        }
    }

    public async Task UnmountAsync(string key, string folder, CancellationToken cancellationToken)
    {
        LinuxCalls.UnmountIfMounted(folder);
        var request = new RemoveSnapshotRequest { Snapshotter = await SnapshotterAsync(cancellationToken), Key = key };
        await RuntimeCalls.FindAsync(Snapshots.RemoveAsync(request, KubernetesNamespace, cancellationToken: cancellationToken), cancellationToken);
    }

    public void Dispose() => _channel.Dispose();

    // "v2.1.0", "1.6.20~ds1"
    internal static Version Parse(string version)
    {
        var parts = version.TrimStart('v').Split('.');
        return parts.Length > 1
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
                ? new Version(major, minor)
                : FirstAble;
    }

    private async Task<IReadOnlyList<SnapshotMount>> ViewAsync(ImageRecord image, string key, CancellationToken cancellationToken)
    {
        var snapshotter = await SnapshotterAsync(cancellationToken);
        var request = new ViewSnapshotRequest { Snapshotter = snapshotter, Key = key, Parent = await TopmostOfAsync(image, cancellationToken) };
        request.Labels["containerd.io/gc.root"] = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        try
        {
            return (await RuntimeCalls.RunAsync(Snapshots.ViewAsync(request, KubernetesNamespace, cancellationToken: cancellationToken), cancellationToken)).Mounts;
        }
        // Made before, and perhaps not mounted.
        catch (ContainerRuntimeException exception) when (exception.Code == StatusCode.AlreadyExists)
        {
            var mounts = new MountsRequest { Snapshotter = snapshotter, Key = key };
            return (await RuntimeCalls.RunAsync(Snapshots.MountsAsync(mounts, KubernetesNamespace, cancellationToken: cancellationToken), cancellationToken)).Mounts;
        }
    }

    private async Task<string> TopmostOfAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        var request = new ImageStatusRequest { Image = new ImageSpec { Image = image.Id }, Verbose = true };
        var reply = await RuntimeCalls.RunAsync(Images.ImageStatusAsync(request, cancellationToken: cancellationToken), cancellationToken);
        return Read(reply.Info, "info")?["chainID"]?.GetValue<string>()
            ?? throw new ContainerRuntimeException(StatusCode.Internal, $"containerd does not say what image {image.Id} is made of", null);
    }

    private async Task<string> SnapshotterAsync(CancellationToken cancellationToken)
    {
        if (_snapshotter is null)
        {
            var reply = await RuntimeCalls.RunAsync(Runtime.StatusAsync(new StatusRequest { Verbose = true }, cancellationToken: cancellationToken), cancellationToken);
            _snapshotter = Read(reply.Info, "config")?["containerd"]?["snapshotter"]?.GetValue<string>() ?? "overlayfs";
        }
        return _snapshotter;
    }

    private static JsonNode? Read(IDictionary<string, string> info, string name) => info.TryGetValue(name, out var text) ? JsonNode.Parse(text) : null;
}
