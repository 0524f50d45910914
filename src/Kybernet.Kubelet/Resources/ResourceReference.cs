using System.Globalization;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;
using Kybernet.Kubelet.Environment;

namespace Kybernet.Kubelet.Resources;

/// <summary>Reads requests and limits that containers refer to; what is not limited is limited by the node.</summary>
internal static class ResourceReference
{
    /// <summary>The amount in units of the divisor, rounded up.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container that the reference is in; the one that it names, where it names one, is read.</param>
    /// <param name="selector">The reference.</param>
    /// <param name="node">What the node has.</param>
    /// <exception cref="ContainerConfigException">There is no such container or resource.</exception>
    public static string Read(Pod pod, Container? container, ResourceFieldSelector selector, NodeResources node)
    {
        if (selector.ContainerName is { Length: > 0 } name)
        {
            container = PodContainers.Find(pod, name)?.Container;
        }
        if (container is null)
        {
            throw new ContainerConfigException($"container {selector.ContainerName} not found");
        }
        var limits = container.Resources?.Limits ?? new Dictionary<string, Quantity>();
        var requests = container.Resources?.Requests ?? new Dictionary<string, Quantity>();
        var dot = selector.Resource.IndexOf('.');
        var resource = dot < 0 ? "" : selector.Resource[(dot + 1)..];
        var isLimit = selector.Resource.StartsWith("limits.", StringComparison.Ordinal);
        var amounts = isLimit ? limits
            : selector.Resource.StartsWith("requests.", StringComparison.Ordinal) ? requests
            : throw new ContainerConfigException($"unsupported container resource : {selector.Resource}");
        if (resource == "cpu")
        {
            var milli = amounts.TryGetValue("cpu", out var cpu) ? cpu.MilliValue : isLimit ? node.AllocatableMilliCpu : 0;
            return Divide(milli, selector.Divisor is { IsZero: false } divisor ? divisor.MilliValue : 1000);
        }
        var whole = amounts.TryGetValue(resource, out var amount) ? amount.ToInt64() : isLimit ? Available(resource, node) : 0;
        return Divide(whole, selector.Divisor is { IsZero: false } unit ? unit.ToInt64() : 1);
    }

    private static long Available(string resource, NodeResources node) => resource switch
    {
        "memory" => node.AllocatableMemoryBytes,
        "ephemeral-storage" => node.AllocatableStorageBytes,
        _ => 0,
    };

    private static string Divide(long value, long divisor) => ((value + divisor - 1) / divisor).ToString(CultureInfo.InvariantCulture);
}
