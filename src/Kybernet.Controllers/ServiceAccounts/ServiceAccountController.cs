using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.ServiceAccounts;

/// <summary>Sees to it that each namespace has the ServiceAccount <c>default</c>, which pods run as that name none.</summary>
internal sealed class ServiceAccountController(ApiClient client, ILister<Namespace> namespaces, ILister<ServiceAccount> accounts) : IReconciler
{
    private const string Name = "default";

    public static void Add(ControllerContext context)
    {
        var client = context.ClientFor("service-account-controller");
        var namespaces = context.Informers.Informer<Namespace>();
        var accounts = context.Informers.Informer<ServiceAccount>();
        var queue = context.Queue("serviceaccount");
        queue.WakeOn(namespaces);
        accounts.AddHandler(new InformerHandler<ServiceAccount>(onDeleted: deleted => queue.Add(new NamespacedName("", deleted.Metadata.Namespace!))));
        context.Run("serviceaccount", new ServiceAccountController(client, namespaces, accounts), queue, 1);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Get(key) is not { Status.Phase: not "Terminating", Metadata.DeletionTimestamp: null }
            || accounts.Get(new NamespacedName(key.Name, Name)) is not null)
        {
            return Requeue.OnChange;
        }
        try
        {
            await client.CreateAsync(new ServiceAccount { Metadata = new ObjectMeta { Namespace = key.Name, Name = Name } }, cancellationToken);
        }
        catch (ApiException exception) when (exception.IsAlreadyExists || exception.IsNotFound || PodControl.IsNamespaceTerminating(exception))
        {
            // it is there already, or the namespace is going
        }
        return Requeue.OnChange;
    }
}
