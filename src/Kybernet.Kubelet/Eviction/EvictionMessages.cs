using System.Text;
using Kybernet.Api;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Eviction;

/// <summary>What pods are told when they are evicted.</summary>
internal static class EvictionMessages
{
    public const string Reason = "Evicted";

    public static string OfPressure(PodConsumption pod, EvictionThreshold threshold, Supply supply)
    {
        var resource = threshold.Signal.Resource;
        var text = new StringBuilder($"The node was low on resource: {resource}. ");
        text.Append($"Threshold quantity: {Amount(resource, threshold.Amount.Of(supply.Capacity))}, available: {Amount(resource, supply.Available)}. ");
        foreach (var container in pod.Containers)
        {
            var used = pod.UsageOf(container, resource);
            var asked = ContainerResources.Whole(PodContainers.Find(pod.Pod, container.Name)?.Container.Resources?.Requests, resource);
            if (used > asked)
            {
                text.Append($"Container {container.Name} was using {Amount(resource, used)}, request is {Amount(resource, asked)}, has larger consumption of {resource}. ");
            }
        }
        return text.ToString();
    }

    public static string OfEmptyDir(string volume, Quantity limit) => $"Usage of EmptyDir volume \"{volume}\" exceeds the limit \"{limit}\". ";

    public static string OfPod(Quantity limit) => $"Pod ephemeral local storage usage exceeds the total limit of containers {limit}. ";

    public static string OfContainer(string container, Quantity limit) => $"Container {container} exceeded its local ephemeral storage limit \"{limit}\". ";

    // Bytes are told in whole kibibytes, as people read them.
    private static string Amount(string resource, long value) => resource is "memory" or "ephemeral-storage"
        ? new Quantity(value / 1024 * 1024, QuantityFormat.BinarySI).ToString()
        : new Quantity(value).ToString();
}
