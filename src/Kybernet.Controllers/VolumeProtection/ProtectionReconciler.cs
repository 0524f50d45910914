using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.VolumeProtection;

/// <summary>Keeps objects that are in use from going: by a finalizer, which is taken off a deleted one when nobody uses it any more.</summary>
internal sealed class ProtectionReconciler<T>(
    ApiClient client, ILister<T> objects, string finalizer, Func<T, CancellationToken, Task<bool>> isUsedAsync) : IReconciler
    where T : class, IResourceObject<T>
{
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (objects.Get(key) is not { } item)
        {
            return Requeue.OnChange;
        }
        var metadata = item.Metadata;
        var isProtected = metadata.Finalizers.Contains(finalizer);
        if (metadata.DeletionTimestamp is null && !isProtected)
        {
            await client.UpdateAsync(item.WithMetadata(metadata with { Finalizers = [.. metadata.Finalizers, finalizer] }), cancellationToken);
        }
        else if (metadata.DeletionTimestamp is not null && isProtected && !await isUsedAsync(item, cancellationToken))
        {
            var left = metadata.Finalizers.Where(other => other != finalizer).ToArray();
            await client.UpdateAsync(item.WithMetadata(metadata with { Finalizers = left }), cancellationToken);
        }
        return Requeue.OnChange;
    }
}
