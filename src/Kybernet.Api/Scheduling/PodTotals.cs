using Kybernet.Api.Core.V1;

namespace Kybernet.Api.Scheduling;

/// <summary>
/// What a pod's containers ask for and may use together. Those that run side by side, sidecars included, add up; an init container runs beside the
/// sidecars that were started before it, and counts where it needs more than all the rest.
/// </summary>
public static class PodTotals
{
    private static readonly Dictionary<string, Quantity> Nothing = [];

    /// <summary>What a pod asks of its node: what it says itself where it does, else what its containers ask for; with what its runtime costs.</summary>
    public static IReadOnlyDictionary<string, Quantity> Requests(PodSpec spec) => OfPod(spec, ContainerRequests(spec), spec.Resources?.Requests ?? Nothing);

    /// <summary>What a pod may use: what it says itself where it does, else what its containers may; with what its runtime costs, where that is limited.</summary>
    public static IReadOnlyDictionary<string, Quantity> Limits(PodSpec spec)
    {
        var total = OfPod(spec with { Overhead = Nothing }, ContainerLimits(spec), spec.Resources?.Limits ?? Nothing);
        foreach (var (name, amount) in spec.Overhead)
        {
            if (total.TryGetValue(name, out var current))
            {
                total[name] = current + amount;
            }
        }
        return total;
    }

    /// <summary>The requests of all containers.</summary>
    public static IReadOnlyDictionary<string, Quantity> ContainerRequests(PodSpec spec) =>
        Sum(spec, static container => container.Resources?.Requests ?? Nothing);

    /// <summary>The limits of all containers.</summary>
    public static IReadOnlyDictionary<string, Quantity> ContainerLimits(PodSpec spec) =>
        Sum(spec, static container => container.Resources?.Limits ?? Nothing);

    /// <summary>Whether a resource can be asked for by a pod as a whole.</summary>
    public static bool IsOfPods(string name) => name is "cpu" or "memory" || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static Dictionary<string, Quantity> OfPod(
        PodSpec spec, IReadOnlyDictionary<string, Quantity> ofContainers, IReadOnlyDictionary<string, Quantity> own)
    {
        var total = new Dictionary<string, Quantity>(ofContainers, StringComparer.Ordinal);
        foreach (var (name, amount) in own)
        {
            if (IsOfPods(name))
            {
                total[name] = amount;
            }
        }
        Add(total, spec.Overhead);
        return total;
    }

    private static Dictionary<string, Quantity> Sum(PodSpec spec, Func<Container, IReadOnlyDictionary<string, Quantity>> amountsOf)
    {
        var total = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.Containers)
        {
            Add(total, amountsOf(container));
        }
        var sidecars = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        var highest = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var container in spec.InitContainers)
        {
            var amounts = amountsOf(container);
            if (container.RestartPolicy == "Always")
            {
                Add(total, amounts);
                Add(sidecars, amounts);
                Raise(highest, sidecars);
                continue;
            }
            var needed = new Dictionary<string, Quantity>(sidecars, StringComparer.Ordinal);
            Add(needed, amounts);
            Raise(highest, needed);
        }
        Raise(total, highest);
        return total;
    }

    private static void Add(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> more)
    {
        foreach (var (name, quantity) in more)
        {
            total[name] = total.TryGetValue(name, out var current) ? current + quantity : quantity;
        }
    }

    private static void Raise(Dictionary<string, Quantity> total, IReadOnlyDictionary<string, Quantity> floor)
    {
        foreach (var (name, quantity) in floor)
        {
            if (!total.TryGetValue(name, out var current) || quantity > current)
            {
                total[name] = quantity;
            }
        }
    }
}
