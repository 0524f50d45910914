using System.Threading.Channels;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Discovery.V1;
using Kybernet.Client;

namespace Kybernet.Network.Services;

/// <summary>Which Services changed, themselves or in their endpoints, since somebody last asked; and where what is known of them is.</summary>
internal sealed class ServiceFeed
{
    private const string ServiceLabel = "kubernetes.io/service-name";
    private const string ServiceIndex = "proxy-service";

    private readonly IInformer<Service> _services;
    private readonly IInformer<EndpointSlice> _slices;
    private readonly IInformer<Node> _nodes;
    private readonly string _nodeName;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _gate = new();
    private HashSet<NamespacedName> _changed = [];

    /// <summary>Attaches itself to informers that do not run yet.</summary>
    public ServiceFeed(InformerFactory informers, string nodeName)
    {
        _nodeName = nodeName;
        _services = informers.Informer<Service>();
        _slices = informers.Informer<EndpointSlice>();
        _nodes = informers.Informer<Node>("", new ListSelection(FieldSelector: $"metadata.name={nodeName}"));
        _slices.AddIndex(ServiceIndex, static slice => ServiceOf(slice) is { } key ? [key.ToString()] : []);
        _services.AddHandler(new InformerHandler<Service>(
            added => Add(KeyOf(added.Metadata)), (_, current) => Add(KeyOf(current.Metadata)), deleted => Add(KeyOf(deleted.Metadata))));
        _slices.AddHandler(new InformerHandler<EndpointSlice>(
            Add,
            (previous, current) =>
            {
                Add(previous);
                Add(current);
            },
            Add));
        _nodes.AddHandler(new InformerHandler<Node>(_ => Wake(), (_, _) => Wake(), _ => Wake()));
    }

    /// <summary>The node, as far as it is known yet.</summary>
    public Node? Node => _nodes.Get(new NamespacedName("", _nodeName));

    /// <summary>The Service of a name; null where there is none.</summary>
    public Service? Service(NamespacedName key) => _services.Get(key);

    /// <summary>The slices of a Service's endpoints.</summary>
    public IReadOnlyList<EndpointSlice> Slices(NamespacedName key) => _slices.ByIndex(ServiceIndex, key.ToString());

    /// <summary>Waits until something changed.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _wakes.Reader.ReadAsync(cancellationToken);

    /// <summary>The Services that changed since the last call.</summary>
    public IReadOnlyCollection<NamespacedName> TakeChanged()
    {
        lock (_gate)
        {
            var changed = _changed;
            _changed = [];
            return changed;
        }
    }

    /// <summary>Counts all Services as changed.</summary>
    public void AddAll()
    {
        foreach (var service in _services.List())
        {
            Add(KeyOf(service.Metadata));
        }
    }

    private static NamespacedName KeyOf(Api.Meta.V1.ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    private static NamespacedName? ServiceOf(EndpointSlice slice) =>
        slice.Metadata.Labels.TryGetValue(ServiceLabel, out var name) ? new NamespacedName(slice.Metadata.Namespace ?? "", name) : null;

    private void Add(EndpointSlice slice)
    {
        if (ServiceOf(slice) is { } key)
        {
            Add(key);
        }
    }

    private void Add(NamespacedName key)
    {
        lock (_gate)
        {
            _changed.Add(key);
        }
        Wake();
    }

    private void Wake() => _wakes.Writer.TryWrite(true);
}
