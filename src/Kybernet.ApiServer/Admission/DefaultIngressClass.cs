using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Storage;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Admission;

/// <summary>Gives an Ingress that names no class the one that is marked as the default; of several, the newest.</summary>
internal sealed class DefaultIngressClass(StoreFollower follower) : AdmissionPlugin
{
    private const string DefaultAnnotation = "ingressclass.kubernetes.io/is-default-class";
    private const string ClassAnnotation = "kubernetes.io/ingress.class";

    private readonly ResourceCache _classes = follower.Cache(new GroupResource("networking.k8s.io", "ingressclasses"));

    /// <inheritdoc/>
    public override bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        operation == AdmissionOperation.Create && resource is { Group: "networking.k8s.io", Resource: "ingresses" } && subresource.Length == 0;

    /// <inheritdoc/>
    protected override void Mutate(AdmissionRequest request)
    {
        if (request.Object is not { } ingress || ingress["spec"]?["ingressClassName"] is not null
            || ingress["metadata"]?["annotations"]?[ClassAnnotation] is not null || Default()?.Metadata.Name is not { } name)
        {
            return;
        }
        if (ingress["spec"] is not JsonObject spec)
        {
            ingress["spec"] = spec = [];
        }
        spec["ingressClassName"] = name;
        request.IsChanged = true;
    }

    private IngressClass? Default()
    {
        IngressClass? newest = null;
        foreach (var (_, item) in _classes.Snapshot.Items)
        {
            var candidate = item.As<IngressClass>();
            if (candidate.Metadata.Annotations.GetValueOrDefault(DefaultAnnotation) == "true"
                && (newest is null || candidate.Metadata.CreationTimestamp > newest.Metadata.CreationTimestamp))
            {
                newest = candidate;
            }
        }
        return newest;
    }
}
