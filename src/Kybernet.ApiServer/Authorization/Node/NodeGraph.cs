using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Storage.V1;

namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>
/// Which node needs which objects: those that its pods refer to, and the volumes behind their claims. Changes of pods are only noted down when they
/// happen, for they are many; they are worked in when a node next asks.
/// </summary>
public sealed class NodeGraph : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<NamespacedName, EncodedObject?> _unseen = [];
    private readonly Dictionary<NamespacedName, Placed> _pods = [];
    private readonly Dictionary<Reference, Dictionary<string, int>> _nodes = [];
    private readonly Dictionary<string, PersistentVolume> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _attachments = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _subscriptions = [];

    /// <summary>Makes the graph of what the feeds hold, which then follows them.</summary>
    public NodeGraph(IObjectFeeds feeds)
    {
        _subscriptions.Add(feeds.Of(RbacResources.Pods).Subscribe(new Observer(item => Note(item.Key, item), item => Note(item.Key, null))));
        _subscriptions.Add(feeds.Of(RbacResources.PersistentVolumes).Subscribe(new Observer(SetVolume, RemoveVolume)));
        _subscriptions.Add(feeds.Of(RbacResources.VolumeAttachments).Subscribe(new Observer(SetAttachment, RemoveAttachment)));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Dispose();
        }
        _subscriptions.Clear();
    }

    /// <summary>Whether one of the node's pods refers to the object.</summary>
    internal bool Needs(string node, Reference reference)
    {
        lock (_gate)
        {
            CatchUp();
            return PodsNeed(node, reference)
                || (reference.Resource == PodReferences.Secrets && _volumes.Values.Any(volume => HasSecret(volume, reference) && ClaimedOn(node, volume)));
        }
    }

    /// <summary>Whether one of the node's pods uses the volume.</summary>
    internal bool NeedsVolume(string node, string name)
    {
        lock (_gate)
        {
            CatchUp();
            return _volumes.TryGetValue(name, out var volume) && ClaimedOn(node, volume);
        }
    }

    /// <summary>Whether the attachment is of the node.</summary>
    internal bool NeedsAttachment(string node, string name)
    {
        lock (_gate)
        {
            return _attachments.TryGetValue(name, out var attached) && attached == node;
        }
    }

    private bool PodsNeed(string node, Reference reference) => _nodes.TryGetValue(reference, out var nodes) && nodes.ContainsKey(node);

    private bool ClaimedOn(string node, PersistentVolume volume) => volume.Spec.ClaimRef is { } claim
        && PodsNeed(node, new Reference(PodReferences.Claims, claim.Namespace ?? "", claim.Name ?? ""));

    private static bool HasSecret(PersistentVolume volume, Reference secret) => volume.Spec.Csi is { } csi
        && (Is(csi.NodePublishSecretRef, secret) || Is(csi.NodeStageSecretRef, secret) || Is(csi.NodeExpandSecretRef, secret));

    private static bool Is(SecretReference? reference, Reference secret) =>
        reference is not null && reference.Name == secret.Name && (reference.Namespace ?? "") == secret.Namespace;

    private void Note(NamespacedName key, EncodedObject? pod)
    {
        lock (_gate)
        {
            _unseen[key] = pod;
        }
    }

    private void CatchUp()
    {
        if (_unseen.Count == 0)
        {
            return;
        }
        foreach (var (key, item) in _unseen)
        {
            if (_pods.Remove(key, out var previous))
            {
                Count(previous, -1);
            }
            // A mirror pod is the node's own word: it must not open anything to the node.
            if (item?.As<Pod>() is { Spec.NodeName: { Length: > 0 } node } pod && !pod.Metadata.Annotations.ContainsKey("kubernetes.io/config.mirror"))
            {
                var placed = new Placed(node, PodReferences.Of(pod));
                _pods[key] = placed;
                Count(placed, 1);
            }
        }
        _unseen.Clear();
    }

    private void Count(Placed pod, int difference)
    {
        foreach (var reference in pod.References)
        {
            if (!_nodes.TryGetValue(reference, out var nodes))
            {
                _nodes[reference] = nodes = new Dictionary<string, int>(StringComparer.Ordinal);
            }
            var count = nodes.GetValueOrDefault(pod.Node) + difference;
            if (count > 0)
            {
                nodes[pod.Node] = count;
            }
            else if (nodes.Remove(pod.Node) && nodes.Count == 0)
            {
                _nodes.Remove(reference);
            }
        }
    }

    private void SetVolume(EncodedObject item)
    {
        var volume = item.As<PersistentVolume>();
        lock (_gate)
        {
            _volumes[item.Key.Name] = volume;
        }
    }

    private void RemoveVolume(EncodedObject item)
    {
        lock (_gate)
        {
            _volumes.Remove(item.Key.Name);
        }
    }

    private void SetAttachment(EncodedObject item)
    {
        var node = item.As<VolumeAttachment>().Spec.NodeName;
        lock (_gate)
        {
            _attachments[item.Key.Name] = node;
        }
    }

    private void RemoveAttachment(EncodedObject item)
    {
        lock (_gate)
        {
            _attachments.Remove(item.Key.Name);
        }
    }

    private sealed record Placed(string Node, HashSet<Reference> References);

    private sealed class Observer(Action<EncodedObject> changed, Action<EncodedObject> deleted) : IObjectObserver
    {
        public void OnChanged(EncodedObject item) => changed(item);

        public void OnDeleted(EncodedObject item) => deleted(item);
    }
}
