using System.Net.Security;
using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Routing;
using Kybernet.Network.Gateways.Statuses;
using Kybernet.Network.Ingresses.Backends;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Works out what a Gateway and its routes come to.</summary>
internal sealed class GatewayPlanner
{
    private readonly GatewayCaches _caches;
    private readonly BackendSet _backends;
    private readonly ReferenceGrants _grants;
    private readonly BackendTlsPolicies _policies;
    private readonly ListenerCertificates _certificates;
    private readonly ListenerJudge _judge;
    private readonly RouteAttachment _attachment;

    public GatewayPlanner(GatewayCaches caches, BackendSet backends, AuthorityMaps authorities, BackendTlsPolicies policies)
    {
        (_caches, _backends, _policies) = (caches, backends, policies);
        _grants = new ReferenceGrants(caches.Grants);
        _certificates = new ListenerCertificates(caches.Secrets, _grants);
        _judge = new ListenerJudge(_certificates, new ClientValidation(authorities, _grants));
        _attachment = new RouteAttachment(caches.Namespaces);
    }

    public GatewayPlan Plan(Gateway gateway)
    {
        var key = new NamespacedName(gateway.Metadata.Namespace ?? "", gateway.Metadata.Name ?? "");
        var listeners = _judge.Judge(gateway);
        var (own, unresolved) = OwnCertificate(gateway);
        var services = new HashSet<NamespacedName>();
        var routes = new List<RoutePlan>();
        foreach (var route in _caches.RoutesOf(key))
        {
            var backends = new BackendResolver(
                new ReferenceEnd(GatewayApi.Group, route.Kind, route.Key.Namespace, ""), _caches.Services, _backends, _grants, _policies, own, services);
            var compiled = route.Compile(backends);
            var attachments = route.ParentsOf(key).Select(parent => WithoutConflicts(_attachment.Attach(gateway, listeners, route, parent), route, routes)).ToList();
            routes.Add(new RoutePlan(route, compiled, attachments));
        }
        return new GatewayPlan(listeners, routes, Ports(listeners, routes), services, unresolved);
    }

    /// <summary>The certificate that the Gateway shows to backends.</summary>
    private (SslStreamCertificateContext? Certificate, Problem? Problem) OwnCertificate(Gateway gateway)
    {
        if (gateway.Spec.Tls?.Backend?.ClientCertificateRef is not { } reference)
        {
            return (null, null);
        }
        var (loaded, problem) = _certificates.Load(gateway.Metadata.Namespace ?? "", [reference]);
        return (
            loaded.FirstOrDefault()?.Options.ServerCertificateContext,
            problem?.Reason == GatewayApi.Reasons.InvalidCertificateRef ? problem with { Reason = GatewayApi.Reasons.InvalidClientCertificateRef } : problem);
    }

    /// <summary>HTTP and gRPC routes do not share hostnames of a listener: the older one has them.</summary>
    private static Attachment WithoutConflicts(Attachment attachment, Route route, List<RoutePlan> older)
    {
        var free = attachment.Listeners.Where(listener => !older.Any(other => other.Route.Kind != route.Kind
            && other.Attachments.Any(known => known.Listeners.Contains(listener, ReferenceEqualityComparer.Instance))
            && Overlap(listener.Hostname, other.Route, route))).ToList();
        return free.Count > 0 || attachment.Problem is not null
            ? attachment with { Listeners = free }
            : attachment with { Listeners = free, Problem = new Problem(GatewayApi.Reasons.HostnameConflict, "an older route of another kind has the hostnames") };
    }

    private static bool Overlap(string listener, Route one, Route other)
    {
        var names = Hostnames.Effective(listener, other.Hostnames);
        return Hostnames.Effective(listener, one.Hostnames).Any(name => names.Any(known => Hostnames.TryIntersect(name, known, out _)));
    }

    private static Dictionary<int, PortTable> Ports(IReadOnlyList<ListenerState> listeners, List<RoutePlan> routes) => listeners
        .Where(static listener => listener.IsServing)
        .GroupBy(static listener => listener.Spec.Port)
        .ToDictionary(
            static port => port.Key,
            port => new PortTable(
                port.Key,
                port.Any(static listener => listener.Spec.Protocol != GatewayApi.Protocols.Http),
                new HostMap<ListenerTable>(port.ToDictionary(static listener => listener.Hostname, listener => Table(listener, routes)))));

    private static ListenerTable Table(ListenerState listener, List<RoutePlan> routes)
    {
        var rules = new Dictionary<string, List<RouteEntry>>(StringComparer.OrdinalIgnoreCase);
        var connections = new Dictionary<string, WeightedTargets>(StringComparer.OrdinalIgnoreCase);
        foreach (var plan in routes.Where(plan => plan.Compiled.Invalid is null && IsAttached(plan, listener)))
        {
            foreach (var hostname in Hostnames.Effective(listener.Hostname, plan.Route.Hostnames))
            {
                if (plan.Route.Kind == GatewayApi.Kinds.TlsRoute)
                {
                    connections.TryAdd(hostname, plan.Compiled.Rules.FirstOrDefault()?.Targets ?? WeightedTargets.None);
                }
                else if (rules.TryGetValue(hostname, out var known))
                {
                    known.AddRange(Entries(plan));
                }
                else
                {
                    rules.Add(hostname, [.. Entries(plan)]);
                }
            }
        }
        return new ListenerTable
        {
            Rules = new HostMap<HostRules>(rules.ToDictionary(static host => host.Key, static host => new HostRules(host.Value))),
            Connections = new HostMap<WeightedTargets>(connections),
            Certificates = CertificatesOf(listener),
            DefaultCertificate = listener.Certificates.Count == 0 ? null : OptionsOf(listener, listener.Certificates[0]),
            IsPassthrough = listener.IsPassthrough,
            IsTerminated = listener.Spec.Protocol == GatewayApi.Protocols.Tls && !listener.IsPassthrough,
        };
    }

    private static bool IsAttached(RoutePlan plan, ListenerState listener) =>
        plan.Attachments.Any(attachment => attachment.Listeners.Contains(listener, ReferenceEqualityComparer.Instance));

    private static IEnumerable<RouteEntry> Entries(RoutePlan plan)
    {
        var position = 0;
        foreach (var rule in plan.Compiled.Rules)
        {
            foreach (var match in rule.Matches)
            {
                yield return new RouteEntry(match, rule, plan.Route, position++);
            }
        }
    }

    /// <summary>Of two certificates for a name, the one that is named first counts.</summary>
    private static HostMap<SslServerAuthenticationOptions> CertificatesOf(ListenerState listener)
    {
        var byName = new Dictionary<string, SslServerAuthenticationOptions>(StringComparer.OrdinalIgnoreCase);
        foreach (var certificate in listener.Certificates)
        {
            foreach (var name in certificate.Names)
            {
                byName.TryAdd(name, OptionsOf(listener, certificate));
            }
        }
        return new HostMap<SslServerAuthenticationOptions>(byName);
    }

    /// <summary>What is inside the TLS of a TLS listener is not known: it is not for the gateway to agree on HTTP with the client.</summary>
    private static SslServerAuthenticationOptions OptionsOf(ListenerState listener, LoadedCertificate certificate)
    {
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificate.Options.ServerCertificateContext,
            EnabledSslProtocols = certificate.Options.EnabledSslProtocols,
            ApplicationProtocols = listener.Spec.Protocol == GatewayApi.Protocols.Tls ? [] : certificate.Options.ApplicationProtocols,
        };
        listener.Clients?.ApplyTo(options);
        return options;
    }
}
