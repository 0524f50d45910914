using System.Net;
using System.Net.Sockets;
using Kybernet.Api.Core.V1;

namespace Kybernet.Controllers.LoadBalancers;

/// <summary>
/// The addresses that load balancers are given, by the name of their pool: the ConfigMap <c>kube-system/kybernet-load-balancer</c>, a pool a key, such as
/// <c>default: 192.0.2.0/28, 192.0.2.100-192.0.2.120</c>.
/// </summary>
internal sealed class AddressPools
{
    public const string MapNamespace = "kube-system";
    public const string MapName = "kybernet-load-balancer";

    /// <summary>The annotation by which a Service chooses another pool than the default one.</summary>
    public const string Annotation = "kybernet.io/load-balancer-pool";

    private const string DefaultPool = "default";

    private readonly Dictionary<string, List<AddressRange>> _pools = new(StringComparer.Ordinal);

    /// <param name="map">The ConfigMap; null where there is none.</param>
    /// <exception cref="FormatException">It says something that is no range of addresses.</exception>
    public AddressPools(ConfigMap? map)
    {
        foreach (var (name, ranges) in map?.Data ?? new Dictionary<string, string>())
        {
            _pools[name] = [.. ranges.Split([',', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        }
    }

    /// <summary>The pool that a Service is served from; null where it asks for none and there is no default one: the nodes' own addresses then.</summary>
    /// <exception cref="FormatException">It asks for one that does not exist.</exception>
    public IReadOnlyList<AddressRange>? For(Service service)
    {
        if (!service.Metadata.Annotations.TryGetValue(Annotation, out var name))
        {
            return _pools.GetValueOrDefault(DefaultPool);
        }
        return _pools.TryGetValue(name, out var pool) ? pool : throw new FormatException($"there is no pool \"{name}\" in the ConfigMap {MapNamespace}/{MapName}");
    }

    /// <summary>An address of a family for a Service: the one that it has while that is in the pool, the one that it asks for, or else the first that is free.</summary>
    /// <returns>Null where none is free.</returns>
    public static IPAddress? Choose(IReadOnlyList<AddressRange> pool, AddressFamily family, IEnumerable<string> had, string? wanted, Func<IPAddress, bool> isFree)
    {
        if (IPAddress.TryParse(wanted, out var asked) && asked.AddressFamily == family)
        {
            return pool.Any(range => range.Contains(asked)) && isFree(asked) ? asked : null;
        }
        foreach (var text in had)
        {
            if (IPAddress.TryParse(text, out var address) && address.AddressFamily == family && pool.Any(range => range.Contains(address)) && isFree(address))
            {
                return address;
            }
        }
        return pool.Where(range => range.Family == family).SelectMany(static range => range.Addresses()).FirstOrDefault(isFree);
    }

    private static AddressRange Parse(string text) =>
        AddressRange.TryParse(text, out var range) ? range : throw new FormatException($"\"{text}\" in the ConfigMap {MapNamespace}/{MapName} is no range of addresses");
}
