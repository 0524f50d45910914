using System.Net.Security;
using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Serving;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>What a policy comes to.</summary>
/// <param name="Policy">The policy.</param>
/// <param name="Tls">How TLS is spoken; null where it cannot be.</param>
/// <param name="Invalid">Why the policy is not accepted; null where it is.</param>
/// <param name="Unresolved">What it refers to in vain; null where all is there.</param>
internal sealed record PolicyVerdict(BackendTLSPolicy Policy, BackendTls? Tls, Problem? Invalid, Problem? Unresolved);

/// <summary>Tells how TLS is spoken with backends.</summary>
internal sealed class BackendTlsPolicies(ILister<BackendTLSPolicy> policies, AuthorityMaps maps)
{
    /// <summary>The index that the policies must have: by the Services that they are about.</summary>
    public const string ServiceIndex = "policy-service";

    private const string SystemAuthorities = "System";

    /// <summary>What was made of the same words before, with its connections.</summary>
    private readonly Dictionary<string, WeakReference<BackendTls>> _made = new(StringComparer.Ordinal);

    /// <summary>The Services that a policy is about.</summary>
    public static IEnumerable<string> ServicesOf(BackendTLSPolicy policy) => policy.Spec.TargetRefs
        .Where(static target => target is { Group: "", Kind: GatewayApi.Kinds.Service })
        .Select(target => $"{policy.Metadata.Namespace}/{target.Name}").Distinct();

    /// <summary>The policy for a port of a Service; null where there is none.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="port">The name of its port.</param>
    /// <param name="own">The certificate that is shown to backends; null for none.</param>
    public PolicyVerdict? Find(NamespacedName service, string port, SslStreamCertificateContext? own)
    {
        var about = Ordered(service).ToList();
        var policy = about.Find(policy => IsAbout(policy, service, port)) ?? about.Find(policy => IsAbout(policy, service, null));
        return policy is null ? null : Judge(policy, own);
    }

    /// <summary>All policies for a Service, with those that others are put before.</summary>
    public IEnumerable<PolicyVerdict> Judge(NamespacedName service)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var policy in Ordered(service))
        {
            var isFirst = false;
            foreach (var target in policy.Spec.TargetRefs.Where(target => target.Name == service.Name))
            {
                isFirst |= taken.Add(target.SectionName ?? "");
            }
            var verdict = Judge(policy, own: null);
            yield return isFirst ? verdict : verdict with { Tls = null, Invalid = new Problem(GatewayApi.Reasons.Conflicted, "an older policy has the same target") };
        }
    }

    private IEnumerable<BackendTLSPolicy> Ordered(NamespacedName service) => policies.ByIndex(ServiceIndex, service.ToString())
        .OrderBy(static policy => policy.Metadata.CreationTimestamp).ThenBy(static policy => policy.Metadata.Name, StringComparer.Ordinal);

    private static bool IsAbout(BackendTLSPolicy policy, NamespacedName service, string? section) =>
        policy.Spec.TargetRefs.Any(target => target is { Group: "", Kind: GatewayApi.Kinds.Service } && target.Name == service.Name && target.SectionName == section);

    private PolicyVerdict Judge(BackendTLSPolicy policy, SslStreamCertificateContext? own)
    {
        var validation = policy.Spec.Validation;
        if (validation.CaCertificateRefs.Count == 0)
        {
            return validation.WellKnownCACertificates == SystemAuthorities
                ? new PolicyVerdict(policy, Make(validation, null, own), null, null)
                : new PolicyVerdict(policy, null, new Problem(GatewayApi.Reasons.Invalid, $"there are no certificates {validation.WellKnownCACertificates}"), null);
        }
        Problem? problem = null;
        var authorities = new List<string>();
        foreach (var reference in validation.CaCertificateRefs)
        {
            if (reference is not { Group: "", Kind: GatewayApi.Kinds.ConfigMap })
            {
                problem ??= new Problem(GatewayApi.Reasons.InvalidKind, $"{reference.Kind} {reference.Name}: certificates are read from ConfigMaps only");
            }
            else if (maps.TryGet(new NamespacedName(policy.Metadata.Namespace ?? "", reference.Name), out var pem))
            {
                authorities.Add(pem);
            }
            else
            {
                problem ??= new Problem(GatewayApi.Reasons.InvalidCaCertificateRef, $"ConfigMap {reference.Name} has no certificate in {AuthorityMaps.Key}");
            }
        }
        return authorities.Count == 0
            ? new PolicyVerdict(policy, null, new Problem(GatewayApi.Reasons.NoValidCaCertificate, problem!.Message), problem)
            : new PolicyVerdict(policy, Make(validation, string.Join('\n', authorities), own), null, problem);
    }

    private BackendTls Make(BackendTLSPolicyValidation validation, string? authorities, SslStreamCertificateContext? own)
    {
        var words = string.Join(
            '\n',
            [validation.Hostname, .. validation.SubjectAltNames.Select(static name => $"{name.Type}={name.Hostname}{name.Uri}"), authorities ?? "", own?.TargetCertificate.Thumbprint ?? ""]);
        if (!_made.TryGetValue(words, out var reference) || !reference.TryGetTarget(out var tls))
        {
            tls = new BackendTls(validation.Hostname, authorities is null ? null : AuthorityMaps.Read(authorities), validation.SubjectAltNames, own);
            _made[words] = new WeakReference<BackendTls>(tls);
        }
        return tls;
    }
}
