using Kybernet.Api;
using Kybernet.Api.Discovery.V1;

namespace Kybernet.Controllers.Endpoints;

/// <summary>The labels by which slices belong to a Service and to the controller that keeps them.</summary>
internal static class SliceLabels
{
    public const string Service = "kubernetes.io/service-name";
    public const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    public const string SliceController = "endpointslice-controller.k8s.io";
    public const string MirroringController = "endpointslicemirroring-controller.k8s.io";

    /// <summary>The Service whose slice it is, if it is one that a controller keeps; null otherwise.</summary>
    public static NamespacedName? ServiceOf(EndpointSlice slice, string controller) =>
        slice.Metadata.Labels.GetValueOrDefault(ManagedBy) == controller && slice.Metadata.Labels.TryGetValue(Service, out var name)
            ? new NamespacedName(slice.Metadata.Namespace ?? "", name)
            : null;

    /// <summary>The same ports make the same text, in whatever order they are.</summary>
    public static string Signature(IReadOnlyList<EndpointPort> ports) => string.Join(
        ',', ports.Select(static port => $"{port.Name}/{port.Port}/{port.Protocol}/{port.AppProtocol}").Order(StringComparer.Ordinal));
}
