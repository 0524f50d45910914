using System.Collections.Immutable;
using System.Net.Security;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Networking.V1;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Ingresses.Routing;

/// <summary>
/// Makes the route table from Ingresses. What changes makes only its own hosts anew. Where two Ingresses say different things of the same host and path,
/// the older one is right, as it was before the younger one came.
/// </summary>
/// <param name="backends">Where requests go.</param>
/// <param name="certificates">Finds the certificate that a Secret holds; null where it holds none.</param>
internal sealed class IngressIndex(BackendSet backends, Func<NamespacedName, SslServerAuthenticationOptions?> certificates)
{
    private readonly Dictionary<NamespacedName, Ingress> _ingresses = [];
    private readonly Dictionary<string, SortedSet<Ingress>> _byHost = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _gate = new();
    private volatile RouteTable _table = RouteTable.Empty;

    /// <summary>What requests are routed by now.</summary>
    public RouteTable Table => _table;

    /// <summary>Puts an Ingress in the place of what it was before; null where it is gone, or no longer ours.</summary>
    public void Replace(NamespacedName key, Ingress? ingress)
    {
        lock (_gate)
        {
            if (ingress is not null && _ingresses.TryGetValue(key, out var known)
                && known.Metadata.Uid == ingress.Metadata.Uid && ModelJson.Same(known.Spec, ingress.Spec))
            {
                return; // its status changed: we wrote it
            }
            var hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
            if (_ingresses.Remove(key, out var previous))
            {
                foreach (var host in HostsOf(previous))
                {
                    hosts.Add(host);
                    _byHost[host].Remove(previous);
                }
            }
            if (ingress is not null)
            {
                _ingresses.Add(key, ingress);
                foreach (var host in HostsOf(ingress))
                {
                    hosts.Add(host);
                    if (!_byHost.TryGetValue(host, out var sharing))
                    {
                        _byHost.Add(host, sharing = new SortedSet<Ingress>(IngressAge.Comparer));
                    }
                    sharing.Add(ingress);
                }
            }
            Rebuild(hosts);
        }
    }

    /// <summary>A Secret changed: the hosts that it is the certificate of get the new one.</summary>
    public void RefreshSecret(NamespacedName secret)
    {
        lock (_gate)
        {
            Rebuild(_ingresses.Values
                .Where(ingress => ingress.Metadata.Namespace == secret.Namespace && ingress.Spec.Tls.Any(tls => tls.SecretName == secret.Name))
                .SelectMany(HostsOf).ToHashSet(StringComparer.OrdinalIgnoreCase));
        }
    }

    /// <summary>All hosts that an Ingress says something of; the empty one stands for all.</summary>
    private static IEnumerable<string> HostsOf(Ingress ingress)
    {
        var named = ingress.Spec.Rules.Select(static rule => rule.Host ?? "").Concat(ingress.Spec.Tls.SelectMany(static tls => tls.Hosts));
        return (ingress.Spec.DefaultBackend is null ? named : named.Append("")).Distinct(StringComparer.OrdinalIgnoreCase);
    }

    private void Rebuild(HashSet<string> hosts)
    {
        var routes = _table.Hosts.ToBuilder();
        var secured = _table.Certificates.ToBuilder();
        foreach (var host in hosts)
        {
            var sharing = _byHost[host];
            if (sharing.Count == 0)
            {
                _byHost.Remove(host);
            }
            Set(routes, host, RoutesOf(host, sharing));
            Set(secured, host, CertificateOf(host, sharing));
        }
        _table = new RouteTable { Hosts = routes.ToImmutable(), Certificates = secured.ToImmutable(), Default = DefaultBackend(_byHost.GetValueOrDefault("", [])) };
    }

    private static void Set<T>(ImmutableDictionary<string, T>.Builder table, string host, T? value)
        where T : class
    {
        if (value is null)
        {
            table.Remove(host);
        }
        else
        {
            table[host] = value;
        }
    }

    private HostRoutes? RoutesOf(string host, SortedSet<Ingress> sharing)
    {
        var paths = new List<PathRoute>();
        var isNamed = false;
        foreach (var ingress in sharing)
        {
            foreach (var rule in ingress.Spec.Rules)
            {
                if (!string.Equals(rule.Host ?? "", host, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }
                isNamed = true;
                foreach (var path in rule.Http?.Paths ?? [])
                {
                    if (BackendOf(ingress, path.Backend) is { } backend)
                    {
                        var isExact = path.PathType == "Exact";
                        var text = path.Path is { Length: > 0 } given ? given : "/";
                        paths.Add(new PathRoute(isExact ? text : text.TrimEnd('/'), isExact, backend));
                    }
                }
            }
        }
        return isNamed ? new HostRoutes(paths, DefaultBackend(sharing)) : null;
    }

    private Backend? DefaultBackend(SortedSet<Ingress> sharing)
    {
        foreach (var ingress in sharing)
        {
            if (ingress.Spec.DefaultBackend is { } backend)
            {
                return BackendOf(ingress, backend);
            }
        }
        return null;
    }

    private SslServerAuthenticationOptions? CertificateOf(string host, SortedSet<Ingress> sharing)
    {
        foreach (var ingress in sharing)
        {
            foreach (var tls in ingress.Spec.Tls)
            {
                if (tls.SecretName is { Length: > 0 } secret
                    && (tls.Hosts.Count == 0 || tls.Hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
                    && certificates(new NamespacedName(ingress.Metadata.Namespace ?? "", secret)) is { } certificate)
                {
                    return certificate;
                }
            }
        }
        return null;
    }

    /// <summary>A resource in a Service's place is for controllers that know the resource; this one knows none.</summary>
    private Backend? BackendOf(Ingress ingress, IngressBackend backend) => backend.Service is { } service
        ? backends.Get(new BackendKey(new NamespacedName(ingress.Metadata.Namespace ?? "", service.Name), service.Port?.Name ?? "", service.Port?.Number ?? 0))
        : null;
}
