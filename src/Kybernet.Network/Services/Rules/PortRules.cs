using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kybernet.Api;
using Kybernet.Network.Services.Endpoints;

namespace Kybernet.Network.Services.Rules;

/// <summary>What traffic to one port of a Service, in one version of IP, may lead to, and how one endpoint is chosen.</summary>
/// <param name="Service">The Service.</param>
/// <param name="PortName">The port's name; may be empty.</param>
/// <param name="Protocol">As nft writes it: in lower case.</param>
/// <param name="Family">The version of IP.</param>
/// <param name="Choice">The endpoints.</param>
/// <param name="Affinity">For how long a client stays with its endpoint, in seconds; null where it does not.</param>
internal sealed record PortRules(NamespacedName Service, string PortName, string Protocol, IPFamily Family, EndpointChoice Choice, int? Affinity)
{
    /// <summary>
    /// Adds what leads from a key of the service maps to endpoints. Which they are is in a map, under the key and a number; the chain, which draws the
    /// number, is that of all Services with as many endpoints. So a change of endpoints changes elements, and no Service has rules of its own. Only
    /// where clients stay with their endpoint does a Service need chains: the kernel has to remember whom it sent where.
    /// </summary>
    /// <returns>The chain to go to.</returns>
    public string AddTarget(RuleParts parts, Frontend frontend, bool isLocal)
    {
        var endpoints = isLocal ? Choice.Local : Choice.Cluster;
        parts.AddTargets(frontend, endpoints);
        if (Affinity is { } seconds)
        {
            return AddAffinityChain(parts, endpoints, isLocal, seconds);
        }
        var map = frontend.EndpointMap(Family, isLocal);
        for (var i = 0; i < endpoints.Count; i++)
        {
            parts.AddElement(
                map,
                string.Create(CultureInfo.InvariantCulture, $"{frontend.Key} . {i}"),
                string.Create(CultureInfo.InvariantCulture, $"{endpoints[i].Address} . {endpoints[i].Port}"));
        }
        return parts.AddChain(
            string.Create(CultureInfo.InvariantCulture, $"one-of-{endpoints.Count}-{map}"),
            string.Create(CultureInfo.InvariantCulture, $"dnat {Family.Keyword} to {frontend.KeyExpression(Family)} . numgen random mod {endpoints.Count} map @{map}"));
    }

    private string AddAffinityChain(RuleParts parts, IReadOnlyList<ServiceEndpoint> endpoints, bool isLocal, int seconds)
    {
        var remembered = new List<string>();
        var drawn = new List<string>();
        for (var i = 0; i < endpoints.Count; i++)
        {
            var endpoint = endpoints[i];
            var target = endpoint.Address.Contains(':') ? $"[{endpoint.Address}]" : endpoint.Address;
            var id = Id(string.Create(CultureInfo.InvariantCulture, $"{target}:{endpoint.Port}"));
            var set = $"affinity-{id}";
            parts.AddSet(set, string.Create(CultureInfo.InvariantCulture, $"type {Family.AddressType}; flags dynamic,timeout; timeout {seconds}s"));
            var chain = parts.AddChain(
                $"endpoint-{id}",
                $"update @{set} {{ {Family.Keyword} saddr }}",
                string.Create(CultureInfo.InvariantCulture, $"meta l4proto {Protocol} dnat {Family.Keyword} to {target}:{endpoint.Port}"));
            remembered.Add($"{Family.Keyword} saddr @{set} goto {chain}");
            drawn.Add(string.Create(CultureInfo.InvariantCulture, $"{i} : goto {chain}"));
        }
        remembered.Add(string.Create(CultureInfo.InvariantCulture, $"numgen random mod {endpoints.Count} vmap {{ {string.Join(", ", drawn)} }}"));
        return parts.AddChain((isLocal ? "local-" : "") + "service-" + Id(""), remembered);
    }

    /// <summary>A short name that no other port, version of IP or endpoint has.</summary>
    private string Id(string endpoint)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{Service}/{PortName}/{Protocol}/{Family.Name}/{endpoint}"));
        return Convert.ToHexStringLower(hash.AsSpan(0, 8));
    }
}
