using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.Namespaces;

/// <summary>Empties a namespace that is being deleted, then takes its finalizer away so that it goes.</summary>
internal sealed class NamespaceController(ApiClient client, ILister<Namespace> namespaces, NamespaceContent content, TimeProvider time) : IReconciler
{
    private const string Finalizer = "kubernetes";
    private const string Terminating = "Terminating";

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("namespace-controller");
        var namespaces = context.Informers.Informer<Namespace>();
        var queue = context.Queue("namespace");
        namespaces.AddHandler(new InformerHandler<Namespace>(
            added => Wake(queue, added),
            (_, current) => Wake(queue, current)));
        var content = new NamespaceContent(client, new Discovery(client), context.Time);
        context.Run("namespace", new NamespaceController(client, namespaces, content, context.Time), queue, 10);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Get(key) is not { Metadata.DeletionTimestamp: not null }
            || await client.FindAsync<Namespace>("", key.Name, cancellationToken) is not { Metadata.DeletionTimestamp: { } deletedAt } going)
        {
            return Requeue.OnChange;
        }
        if (going.Status.Phase != Terminating)
        {
            going = await client.UpdateStatusAsync(going with { Status = going.Status with { Phase = Terminating } }, cancellationToken);
        }
        if (!going.Spec.Finalizers.Contains(Finalizer))
        {
            return Requeue.OnChange; // someone else's finalizer is left
        }
        var outcome = await content.DeleteAsync(key.Name, deletedAt, cancellationToken);
        var status = going.Status with { Conditions = NamespaceConditions.Of(outcome, going.Status.Conditions, time.GetUtcNow()) };
        if (!ModelJson.Same(status, going.Status))
        {
            going = await client.UpdateStatusAsync(going with { Status = status }, cancellationToken);
        }
        if (outcome.Failure is { } failure)
        {
            throw failure;
        }
        if (outcome.Left.Count > 0)
        {
            return Requeue.In(outcome.LookAgainIn);
        }
        await FinalizeAsync(going, cancellationToken);
        return Requeue.OnChange;
    }

    private static void Wake(WorkQueue<NamespacedName> queue, Namespace changed)
    {
        if (changed.Metadata.DeletionTimestamp is not null)
        {
            queue.Add(changed.Metadata.Key());
        }
    }

    private async Task FinalizeAsync(Namespace going, CancellationToken cancellationToken)
    {
        var finalized = going with { Spec = going.Spec with { Finalizers = [.. going.Spec.Finalizers.Where(static known => known != Finalizer)] } };
        var call = new ApiCall(HttpMethod.Put, ResourcePath.Of<Namespace>("", going.Metadata.Name!, "finalize")) { Body = ModelJson.ToUtf8(finalized) };
        var reply = await client.Transport.SendAsync(call, cancellationToken);
        if (reply.StatusCode != 404)
        {
            ApiClient.ThrowIfFailed(reply);
        }
    }
}
