using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers;

/// <summary>The keys of objects, and handlers that put them into queues.</summary>
internal static class Keys
{
    public static NamespacedName Key(this ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name ?? "");

    /// <summary>Puts the key of whatever is added, changed or deleted into a queue.</summary>
    public static void WakeOn<T>(this WorkQueue<NamespacedName> queue, IInformer<T> informer)
        where T : class, IResourceObject<T> => informer.AddHandler(new InformerHandler<T>(
            added => queue.Add(added.Metadata.Key()),
            (_, current) => queue.Add(current.Metadata.Key()),
            deleted => queue.Add(deleted.Metadata.Key())));
}
