using Kybernet.Api.Core.V1;
using Kybernet.Kubelet.Containers;

namespace Kybernet.Kubelet.Admission;

/// <summary>The ports of the node that pods take.</summary>
internal static class HostPorts
{
    private const string AnyAddress = "0.0.0.0";

    /// <summary>Whether a pod wants a port that another has.</summary>
    public static bool Collide(Pod pod, IReadOnlyCollection<Pod> others)
    {
        var wanted = Of(pod).ToArray();
        return wanted.Length > 0 && others.SelectMany(Of).Any(taken => wanted.Any(port => Collide(port, taken)));
    }

    private static bool Collide(Entry left, Entry right) => left.Port == right.Port && left.Protocol == right.Protocol
        && (left.Address == right.Address || left.Address == AnyAddress || right.Address == AnyAddress);

    private static IEnumerable<Entry> Of(Pod pod) => PodContainers.InitAndApp(pod)
        .Where(static container => container.Kind == ContainerKind.App || container.IsSidecar)
        .SelectMany(static container => container.Container.Ports)
        .Where(static port => port.HostPort > 0)
        .Select(static port => new Entry(port.HostIP is { Length: > 0 } address ? address : AnyAddress, port.HostPort!.Value, port.Protocol ?? "TCP"));

    private readonly record struct Entry(string Address, int Port, string Protocol);
}
