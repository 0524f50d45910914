using Kybernet.Api.Storage.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Objects;
using Kybernet.Kubelet.Volumes.Csi;
using Kybernet.Kubelet.Volumes.Images;

namespace Kybernet.Kubelet.Volumes;

/// <summary>All that the node's volumes are made with.</summary>
internal sealed class NodeStorage : IDisposable
{
    private readonly ApiClient _client;
    private readonly KubeletOptions _options;
    private readonly TimeProvider _time;
    private readonly ILister<CSIDriver> _driverObjects;
    private readonly CsiNodeObject _nodeObject;
    private readonly CsiStages _stages;
    private readonly ContainerdImageMounts _imageMounts;

    public NodeStorage(ApiClient client, InformerFactory informers, KubeletOptions options, TimeProvider time)
    {
        _client = client;
        _options = options;
        _time = time;
        _driverObjects = informers.Informer<CSIDriver>();
        _nodeObject = new CsiNodeObject(client, options);
        _imageMounts = new ContainerdImageMounts(options.RuntimeEndpoint, time);
        Drivers = new CsiDrivers(_nodeObject, time);
        _stages = new CsiStages(new PodPaths(options), options);
    }

    /// <summary>The storage drivers of the node.</summary>
    public CsiDrivers Drivers { get; }

    /// <summary>The unique names of the volumes that must not be detached from the node.</summary>
    public IReadOnlyList<string> VolumesInUse => _stages.InUse();

    /// <summary>The way to show images' files.</summary>
    public IImageMounts ImageMounts => _imageMounts;

    /// <summary>A plugin for each kind of volume.</summary>
    public IReadOnlyList<IVolumePlugin> Plugins(PodPaths paths, PodObjects objects, ServiceAccountTokens tokens) =>
    [
        new PayloadPlugin(paths, new PayloadBuilder(objects, tokens, new TrustBundles(_client)), _time),
        new EmptyDirPlugin(paths),
        new HostPathPlugin(),
        new LocalPlugin(paths),
        new NfsPlugin(paths),
        new ImagePlugin(paths, _imageMounts),
        new CsiPlugin(
            paths, Drivers, _driverObjects, _stages, new CsiAttachments(_client, _options, _time), new CsiPublishing(_client, tokens), _options),
    ];

    /// <summary>Sees to it that there is a CSINode for the node, which must be there.</summary>
    public Task EnsureNodeObjectAsync(CancellationToken cancellationToken) => _nodeObject.EnsureAsync(_time, cancellationToken);

    public void Dispose()
    {
        _imageMounts.Dispose();
        _nodeObject.Dispose();
    }
}
