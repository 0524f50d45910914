using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Selectors;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>
/// Wakes those that manage objects: the manager of one that changed, the former manager of one that was released, and those whose selector matches one
/// that nobody manages. Tells the expectations, where there are any, what was seen.
/// </summary>
internal sealed class OwnedHandler<TOwner, T>(
    ILister<TOwner> owners, Func<TOwner, Selector> selectorOf, WorkQueue<NamespacedName> queue, Expectations? expectations) : IInformerHandler<T>
    where TOwner : class, IResourceObject<TOwner>
    where T : class, IResourceObject<T>
{
    public void OnAdded(T added)
    {
        if (added.Metadata.DeletionTimestamp is not null)
        {
            OnDeleted(added); // after a restart, it may be seen first when it is already going
            return;
        }
        if (added.Metadata.Controller() is null)
        {
            WakeThoseThatMayAdopt(added);
        }
        else if (OwnerOf(added) is { } owner)
        {
            expectations?.CreationObserved(owner.Metadata.Key());
            queue.Add(owner.Metadata.Key());
        }
    }

    public void OnUpdated(T previous, T current)
    {
        if (current.Metadata.DeletionTimestamp is not null)
        {
            // From the moment its deletion begins it counts no more, though the kubelet takes a while.
            OnDeleted(current);
            return;
        }
        var before = previous.Metadata.Controller();
        var now = current.Metadata.Controller();
        if (before is not null && before.Uid != now?.Uid && OwnerOf(previous) is { } former)
        {
            queue.Add(former.Metadata.Key());
        }
        if (now is null)
        {
            WakeThoseThatMayAdopt(current);
        }
        else if (OwnerOf(current) is { } owner)
        {
            queue.Add(owner.Metadata.Key());
        }
    }

    public void OnDeleted(T deleted)
    {
        if (OwnerOf(deleted) is { } owner)
        {
            expectations?.DeletionObserved(owner.Metadata.Key(), deleted.Metadata.Uid!);
            queue.Add(owner.Metadata.Key());
        }
    }

    private TOwner? OwnerOf(T item)
    {
        if (item.Metadata.Controller() is not { } reference || reference.Kind != TOwner.GroupVersionKind.Kind)
        {
            return null;
        }
        var owner = owners.Get(new NamespacedName(item.Metadata.Namespace ?? "", reference.Name));
        return owner?.Metadata.Uid == reference.Uid ? owner : null;
    }

    private void WakeThoseThatMayAdopt(T item)
    {
        if (item.Metadata.Labels.Count == 0)
        {
            return;
        }
        foreach (var owner in owners.List(item.Metadata.Namespace ?? ""))
        {
            if (selectorOf(owner).Matches(item.Metadata.Labels))
            {
                queue.Add(owner.Metadata.Key());
            }
        }
    }
}
