using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways.Attachment;

/// <summary>Whose certificates the clients of a listener must have.</summary>
/// <param name="Authorities">Who may have signed them; none where all are taken.</param>
/// <param name="IsOptional">Whether clients without, or with any other certificate, are let in all the same.</param>
internal sealed record ClientAuthorities(X509Certificate2Collection Authorities, bool IsOptional)
{
    /// <summary>Demands certificates in the way of TLS.</summary>
    public void ApplyTo(SslServerAuthenticationOptions options)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, TrustMode = X509ChainTrustMode.CustomRootTrust };
        policy.CustomTrustStore.AddRange(Authorities);
        options.ClientCertificateRequired = true;
        options.CertificateChainPolicy = policy;
        options.RemoteCertificateValidationCallback = (_, _, _, errors) => IsOptional || errors == SslPolicyErrors.None;
    }
}

/// <summary>Finds out whose certificates the clients of a Gateway's ports must have.</summary>
internal sealed class ClientValidation(AuthorityMaps maps, ReferenceGrants grants)
{
    private const string InsecureMode = "AllowInsecureFallback";

    /// <summary>Whether a Gateway lets clients in whatever certificate they have.</summary>
    public static bool IsInsecure(Gateway gateway) => gateway.Spec.Tls?.Frontend is { } frontend
        && frontend.PerPort.Select(static port => port.Tls).Append(frontend.Default).Any(static tls => tls.Validation?.Mode == InsecureMode);

    /// <summary>What holds for a listener.</summary>
    public ListenerState Apply(Gateway gateway, ListenerState listener)
    {
        var frontend = gateway.Spec.Tls?.Frontend;
        if ((frontend?.PerPort.FirstOrDefault(port => port.Port == listener.Spec.Port)?.Tls ?? frontend?.Default)?.Validation is not { } validation)
        {
            return listener;
        }
        var authorities = new X509Certificate2Collection();
        Problem? problem = null;
        foreach (var reference in validation.CaCertificateRefs)
        {
            var found = Load(gateway.Metadata.Namespace ?? "", reference, authorities);
            problem ??= found;
        }
        var invalid = authorities.Count == 0 ? new Problem(GatewayApi.Reasons.NoValidCaCertificate, problem?.Message ?? "no authority is named") : null;
        return listener with
        {
            Clients = new ClientAuthorities(authorities, validation.Mode == InsecureMode),
            Invalid = listener.Invalid ?? invalid,
            Unresolved = listener.Unresolved ?? problem,
        };
    }

    private Problem? Load(string @namespace, ObjectReference reference, X509Certificate2Collection authorities)
    {
        var key = new NamespacedName(reference.Namespace ?? @namespace, reference.Name);
        if (reference is not { Group: "", Kind: GatewayApi.Kinds.ConfigMap })
        {
            return new Problem(GatewayApi.Reasons.InvalidCaCertificateKind, $"{reference.Kind} {key}: certificates are read from ConfigMaps only");
        }
        var gateway = new ReferenceEnd(GatewayApi.Group, GatewayApi.Kinds.Gateway, @namespace, "");
        if (!grants.IsAllowed(gateway, new ReferenceEnd("", GatewayApi.Kinds.ConfigMap, key.Namespace, key.Name)))
        {
            return new Problem(GatewayApi.Reasons.RefNotPermitted, $"ConfigMap {key}: no ReferenceGrant in its namespace allows the reference");
        }
        if (!maps.TryGet(key, out var pem))
        {
            return new Problem(GatewayApi.Reasons.InvalidCaCertificateRef, $"ConfigMap {key} has no certificate in {AuthorityMaps.Key}");
        }
        authorities.AddRange(AuthorityMaps.Read(pem));
        return null;
    }
}
