using Kybernet.Api;
using Kybernet.Api.Core.V1;

namespace Kybernet.Kubelet.Admission;

/// <summary>What a pod was given of the node: the resources of the pod itself and those of its containers that can be changed while they run.</summary>
internal sealed class ResourceGrant
{
    private readonly ResourceRequirements? _pod;
    private readonly Dictionary<string, ResourceRequirements?> _containers;

    private ResourceGrant(ResourceRequirements? pod, Dictionary<string, ResourceRequirements?> containers)
    {
        _pod = pod;
        _containers = containers;
    }

    /// <summary>All that a pod asks for.</summary>
    public static ResourceGrant Of(Pod pod) => new(
        pod.Spec.Resources, Resizable(pod).ToDictionary(static container => container.Name, static container => container.Resources, StringComparer.Ordinal));

    /// <summary>What a pod had been given when its status was last written: what it asks for may have changed while no kubelet ran.</summary>
    public static ResourceGrant FromStatus(Pod pod)
    {
        var containers = new Dictionary<string, ResourceRequirements?>(StringComparer.Ordinal);
        foreach (var container in Resizable(pod))
        {
            var status = pod.Status.ContainerStatuses.Concat(pod.Status.InitContainerStatuses).FirstOrDefault(status => status.Name == container.Name);
            containers[container.Name] = status?.Resources is { } inForce
                ? (container.Resources ?? ResourceRequirements.Empty) with { Requests = status.AllocatedResources, Limits = inForce.Limits }
                : container.Resources;
        }
        return new ResourceGrant(pod.Status.Resources ?? pod.Spec.Resources, containers);
    }

    /// <summary>The pod as it would be if it asked for what it was given.</summary>
    public Pod ApplyTo(Pod pod) => IsAllOf(pod) ? pod : pod with
    {
        Spec = pod.Spec with
        {
            Resources = _pod,
            Containers = pod.Spec.Containers.Select(Apply).ToArray(),
            InitContainers = pod.Spec.InitContainers.Select(Apply).ToArray(),
        },
    };

    /// <summary>Whether a pod was given all that it asks for, and no more.</summary>
    public bool IsAllOf(Pod pod) => AreSame(pod.Spec.Resources, _pod)
        && Resizable(pod).All(container => !_containers.TryGetValue(container.Name, out var given) || AreSame(container.Resources, given));

    private Container Apply(Container container) =>
        _containers.TryGetValue(container.Name, out var given) ? container with { Resources = given } : container;

    private static IEnumerable<Container> Resizable(Pod pod) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers.Where(static container => container.RestartPolicy == "Always"));

    private static bool AreSame(ResourceRequirements? left, ResourceRequirements? right) =>
        AreSame((left ?? ResourceRequirements.Empty).Requests, (right ?? ResourceRequirements.Empty).Requests)
        && AreSame((left ?? ResourceRequirements.Empty).Limits, (right ?? ResourceRequirements.Empty).Limits);

    private static bool AreSame(IReadOnlyDictionary<string, Quantity> left, IReadOnlyDictionary<string, Quantity> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other.CompareTo(entry.Value) == 0);
}
