using System.Collections.Immutable;
using System.Net.Security;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Ingresses.Routing;

/// <summary>Everything that a request is routed by, replaced as a whole when something changes.</summary>
internal sealed record RouteTable
{
    private const string AnyHost = "";

    public static RouteTable Empty { get; } = new();

    /// <summary>By host: a name, <c>*.example.com</c> for all names with one label before it, or nothing for all.</summary>
    public ImmutableDictionary<string, HostRoutes> Hosts { get; init; } = ImmutableDictionary.Create<string, HostRoutes>(StringComparer.OrdinalIgnoreCase);

    /// <summary>What TLS is spoken with, by host as above.</summary>
    public ImmutableDictionary<string, SslServerAuthenticationOptions> Certificates { get; init; } =
        ImmutableDictionary.Create<string, SslServerAuthenticationOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where requests go that no host's paths match; null where no Ingress says so.</summary>
    public Backend? Default { get; init; }

    /// <summary>Where a request goes: to what the most specific host that there is says.</summary>
    public Backend? Find(string host, string path) =>
        (Find(Hosts, host) ?? Hosts.GetValueOrDefault(AnyHost))?.Find(path) ?? Default;

    /// <summary>What TLS is spoken with for a host; null where no Ingress has a certificate for it.</summary>
    public SslServerAuthenticationOptions? FindCertificate(string host) => Find(Certificates, host);

    private static T? Find<T>(ImmutableDictionary<string, T> table, string host)
        where T : class
    {
        if (table.TryGetValue(host, out var exact))
        {
            return exact;
        }
        var dot = host.IndexOf('.');
        return dot > 0 && table.TryGetValue("*" + host[dot..], out var wildcard) ? wildcard : null;
    }
}
