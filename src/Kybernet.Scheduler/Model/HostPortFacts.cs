using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>A port of the node that a container takes.</summary>
/// <param name="Address">The interned address; the number of <c>0.0.0.0</c> is the empty string's, which stands for all addresses.</param>
/// <param name="Protocol">The interned protocol.</param>
/// <param name="Port">The port.</param>
internal readonly record struct HostPortFacts(int Address, int Protocol, int Port)
{
    public bool ConflictsWith(HostPortFacts other) =>
        Port == other.Port && Protocol == other.Protocol
        && (Address == other.Address || Address == Interner.Empty || other.Address == Interner.Empty);

    /// <summary>The ports of a pod: of its containers, and of the init containers that keep running.</summary>
    public static HostPortFacts[] Of(PodSpec spec, Interner interner)
    {
        List<HostPortFacts>? ports = null;
        foreach (var container in spec.Containers)
        {
            Collect(container, interner, ref ports);
        }
        foreach (var container in spec.InitContainers)
        {
            if (container.RestartPolicy == "Always")
            {
                Collect(container, interner, ref ports);
            }
        }
        return ports is null ? [] : [.. ports];
    }

    private static void Collect(Container container, Interner interner, ref List<HostPortFacts>? ports)
    {
        foreach (var port in container.Ports)
        {
            if (port.HostPort is > 0)
            {
                var address = port.HostIP is null or "0.0.0.0" ? "" : port.HostIP;
                (ports ??= []).Add(new HostPortFacts(interner.Intern(address), interner.Intern(port.Protocol ?? "TCP"), port.HostPort.Value));
            }
        }
    }
}
