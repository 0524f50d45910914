using Kybernet.Api;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Controllers.GarbageCollection;

/// <summary>
/// Who owns whom, over all resources. An owner that has only been heard of is in it too, as virtual, until it is seen or found not to exist. Tells by uid
/// which objects have to be looked at again.
/// </summary>
internal sealed class OwnerGraph(Action<string> wake)
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";
    private readonly Dictionary<string, GraphNode> _nodes = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    public GraphEntry? Get(string uid)
    {
        lock (_gate)
        {
            return _nodes.TryGetValue(uid, out var node)
                ? new GraphEntry(node.Identity, node.IsVirtual, node.IsDeleting, node.IsDeletingDependents, node.IsOrphaning)
                : null;
        }
    }

    /// <summary>Who has an object as an owner.</summary>
    /// <param name="uid">The owner.</param>
    /// <param name="onlyBlocking">Only those without whose going the owner must not go.</param>
    public List<GraphEntry> Dependents(string uid, bool onlyBlocking)
    {
        lock (_gate)
        {
            var found = new List<GraphEntry>();
            if (_nodes.TryGetValue(uid, out var owner))
            {
                foreach (var node in owner.Dependents)
                {
                    if (!onlyBlocking || node.Owners.Any(reference => reference.Uid == uid && reference.BlockOwnerDeletion == true))
                    {
                        found.Add(new GraphEntry(node.Identity, node.IsVirtual, node.IsDeleting, node.IsDeletingDependents, node.IsOrphaning));
                    }
                }
            }
            return found;
        }
    }

    /// <summary>An object was seen.</summary>
    public void Put(ServedResource resource, EncodedObject item)
    {
        lock (_gate)
        {
            var node = GetOrAdd(item.Header.Uid, new ObjectIdentity(resource.Resource.GroupVersion.ToString(), resource.Kind, item.Key, item.Header.Uid));
            if (node.IsVirtual)
            {
                node.IsVirtual = false;
                node.Identity = new ObjectIdentity(resource.Resource.GroupVersion.ToString(), resource.Kind, item.Key, item.Header.Uid);
                WakeMistakenDependents(node);
            }
            Connect(node, item.Header.OwnerReferences);
            var isDeletingDependents = item.Header.IsDeleting && item.Header.Finalizers.Contains(ForegroundFinalizer);
            var isOrphaning = item.Header.IsDeleting && item.Header.Finalizers.Contains(OrphanFinalizer);
            var mustWake = (isDeletingDependents && !node.IsDeletingDependents) || (isOrphaning && !node.IsOrphaning);
            node.IsDeleting = item.Header.IsDeleting;
            node.IsDeletingDependents = isDeletingDependents;
            node.IsOrphaning = isOrphaning;
            if (mustWake)
            {
                wake(item.Header.Uid);
            }
        }
    }

    /// <summary>An object is gone, or was found never to have been.</summary>
    public void Remove(string uid)
    {
        lock (_gate)
        {
            if (!_nodes.Remove(uid, out var node))
            {
                return;
            }
            foreach (var owner in node.Owners)
            {
                Disconnect(node, owner.Uid);
            }
            foreach (var dependent in node.Dependents)
            {
                wake(dependent.Identity.Uid);
            }
        }
    }

    private GraphNode GetOrAdd(string uid, ObjectIdentity identity)
    {
        if (!_nodes.TryGetValue(uid, out var node))
        {
            _nodes.Add(uid, node = new GraphNode(identity));
        }
        return node;
    }

    private void Connect(GraphNode node, IReadOnlyList<OwnerReference> owners)
    {
        foreach (var former in node.Owners)
        {
            if (owners.FirstOrDefault(owner => owner.Uid == former.Uid) is not { } still)
            {
                Disconnect(node, former.Uid);
            }
            else if (former.BlockOwnerDeletion == true && still.BlockOwnerDeletion != true)
            {
                wake(former.Uid); // it no longer waits for this one
            }
        }
        node.Owners = owners;
        foreach (var reference in owners)
        {
            var isKnown = _nodes.TryGetValue(reference.Uid, out var owner);
            owner ??= GetOrAdd(reference.Uid, ObjectIdentity.Of(reference, node.Identity.Key.Namespace));
            if (!owner.Dependents.Add(node))
            {
                continue;
            }
            if (!isKnown)
            {
                wake(reference.Uid); // does it exist at all?
            }
            else if (!owner.IsVirtual && IsMistaken(node, reference, owner))
            {
                wake(node.Identity.Uid);
            }
        }
    }

    /// <summary>Whether a reference has the uid of an owner and is of another namespace, kind or name: what it names does not exist.</summary>
    private static bool IsMistaken(GraphNode dependent, OwnerReference reference, GraphNode owner) =>
        reference.Name != owner.Identity.Key.Name || reference.Kind != owner.Identity.Kind
        || (owner.Identity.Key.Namespace.Length > 0 && owner.Identity.Key.Namespace != dependent.Identity.Key.Namespace);

    private void WakeMistakenDependents(GraphNode owner)
    {
        foreach (var dependent in owner.Dependents)
        {
            if (dependent.Owners.Any(reference => reference.Uid == owner.Identity.Uid && IsMistaken(dependent, reference, owner)))
            {
                wake(dependent.Identity.Uid);
            }
        }
    }

    private void Disconnect(GraphNode node, string ownerUid)
    {
        if (!_nodes.TryGetValue(ownerUid, out var owner))
        {
            return;
        }
        owner.Dependents.Remove(node);
        if (owner.IsDeletingDependents)
        {
            wake(ownerUid);
        }
        else if (owner.IsVirtual && owner.Dependents.Count == 0)
        {
            _nodes.Remove(ownerUid);
        }
    }
}
