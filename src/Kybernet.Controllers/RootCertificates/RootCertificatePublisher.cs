using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;

namespace Kybernet.Controllers.RootCertificates;

/// <summary>Publishes the API server's certificate authority in each namespace, as the ConfigMap that every pod's token volume mounts.</summary>
internal sealed class RootCertificatePublisher(ApiClient client, ILister<Namespace> namespaces, ILister<ConfigMap> maps, string certificate) : IReconciler
{
    private const string Name = "kube-root-ca.crt";
    private const string Field = "ca.crt";
    private const string DescriptionAnnotation = "kubernetes.io/description";

    private const string Description =
        "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. "
        + "No other usage is guaranteed across distributions of Kubernetes clusters.";

    public static void Add(ControllerContext context)
    {
        if (context.Options.RootCertificate.Length == 0)
        {
            return;
        }
        var client = context.ClientFor("root-ca-cert-publisher");
        var namespaces = context.Informers.Informer<Namespace>();
        var maps = context.Informers.Informer<ConfigMap>("", new ListSelection(FieldSelector: "metadata.name=" + Name));
        var queue = context.Queue("root-ca-certificate-publisher");
        queue.WakeOn(namespaces);
        maps.AddHandler(new InformerHandler<ConfigMap>(
            onUpdated: (_, current) => queue.Add(new NamespacedName("", current.Metadata.Namespace!)),
            onDeleted: deleted => queue.Add(new NamespacedName("", deleted.Metadata.Namespace!))));
        var publisher = new RootCertificatePublisher(client, namespaces, maps, context.Options.RootCertificate);
        context.Run("root-ca-certificate-publisher", publisher, queue, 1);
    }

    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (namespaces.Get(key) is not { Status.Phase: not "Terminating", Metadata.DeletionTimestamp: null })
        {
            return Requeue.OnChange;
        }
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal) { [Field] = certificate };
        try
        {
            if (maps.Get(new NamespacedName(key.Name, Name)) is not { } known)
            {
                await client.CreateAsync(new ConfigMap { Metadata = Describe(new ObjectMeta { Namespace = key.Name, Name = Name }), Data = wanted }, cancellationToken);
            }
            else if (known.Data.Count != 1 || known.Data.GetValueOrDefault(Field) != certificate
                || known.Metadata.Annotations.GetValueOrDefault(DescriptionAnnotation) != Description)
            {
                await client.UpdateAsync(known with { Metadata = Describe(known.Metadata), Data = wanted }, cancellationToken);
            }
        }
        catch (ApiException exception) when (exception.IsAlreadyExists || exception.IsNotFound || PodControl.IsNamespaceTerminating(exception))
        {
            // the cache is behind, or the namespace is going: an event will come
        }
        return Requeue.OnChange;
    }

    private static ObjectMeta Describe(ObjectMeta metadata) => metadata with
    {
        Annotations = new Dictionary<string, string>(metadata.Annotations, StringComparer.Ordinal) { [DescriptionAnnotation] = Description },
    };
}
