using Kybernet.Api;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Network.Gateways.Statuses;

namespace Kybernet.Network.Gateways;

/// <summary>Tells which Gateways are this controller's, and in the status of its classes what it can do.</summary>
/// <param name="client">The API server.</param>
/// <param name="classes">The classes.</param>
/// <param name="bundleVersion">The release of the Gateway API that is installed.</param>
/// <param name="time">The clock.</param>
internal sealed class GatewayClasses(ApiClient client, ILister<GatewayClass> classes, string bundleVersion, TimeProvider time) : IReconciler
{
    private const string SupportedBundle = "v1.5.";

    private static readonly string[] Features =
    [
        "BackendTLSPolicy", "BackendTLSPolicySANValidation", "GRPCRoute", "GRPCRouteNamedRouteRule", "Gateway", "GatewayAddressEmpty",
        "GatewayBackendClientCertificate", "GatewayFrontendClientCertificateValidation", "GatewayFrontendClientCertificateValidationInsecureFallback",
        "GatewayHTTPListenerIsolation", "GatewayHTTPSListenerDetectMisdirectedRequests", "GatewayInfrastructurePropagation", "GatewayPort8080",
        "GatewayStaticAddresses", "HTTPRoute", "HTTPRoute303RedirectStatusCode", "HTTPRoute307RedirectStatusCode", "HTTPRoute308RedirectStatusCode",
        "HTTPRouteBackendProtocolH2C", "HTTPRouteBackendProtocolWebSocket", "HTTPRouteBackendRequestHeaderModification", "HTTPRouteBackendTimeout",
        "HTTPRouteCORS", "HTTPRouteDestinationPortMatching", "HTTPRouteHostRewrite", "HTTPRouteMethodMatching", "HTTPRouteNamedRouteRule",
        "HTTPRouteParentRefPort", "HTTPRoutePathRedirect", "HTTPRoutePathRewrite", "HTTPRoutePortRedirect", "HTTPRouteQueryParamMatching",
        "HTTPRouteRequestMirror", "HTTPRouteRequestMultipleMirrors", "HTTPRouteRequestPercentageMirror", "HTTPRouteRequestTimeout",
        "HTTPRouteResponseHeaderModification", "HTTPRouteSchemeRedirect", "ReferenceGrant", "TLSRoute", "TLSRouteModeTerminate",
    ];

    /// <summary>The class that a cluster has from the start.</summary>
    public static GatewayClass Own { get; } = new()
    {
        Metadata = new ObjectMeta { Name = "kybernet" },
        Spec = new GatewayClassSpec { ControllerName = GatewayApi.Controller, Description = "Served by Kybernet itself" },
    };

    /// <summary>Whether a Gateway is to be served.</summary>
    public bool IsOurs(Gateway gateway) =>
        classes.Get(new NamespacedName("", gateway.Spec.GatewayClassName)) is { Spec: { ControllerName: GatewayApi.Controller, ParametersRef: null } };

    /// <inheritdoc/>
    public async Task<Requeue> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (classes.Get(key) is not { Spec.ControllerName: GatewayApi.Controller, Metadata.DeletionTimestamp: null } item)
        {
            return Requeue.OnChange;
        }
        var parameters = item.Spec.ParametersRef is null ? null : new Problem(GatewayApi.Reasons.InvalidParameters, "this controller takes no parameters");
        var version = bundleVersion.StartsWith(SupportedBundle, StringComparison.Ordinal)
            ? null
            : new Problem(GatewayApi.Reasons.UnsupportedVersion, $"the definitions are of {bundleVersion}; {SupportedBundle}x is known here");
        var conditions = new ConditionList(item.Status.Conditions, item.Metadata.Generation, time.GetUtcNow())
            .SetGood(GatewayApi.Conditions.Accepted, parameters)
            .SetGood(GatewayApi.Conditions.SupportedVersion, version);
        var status = item.Status with { Conditions = conditions.All, SupportedFeatures = [.. Features.Select(static name => new SupportedFeature { Name = name })] };
        if (!ModelJson.Same(status, item.Status))
        {
            await client.UpdateStatusAsync(item with { Status = status }, cancellationToken);
        }
        return Requeue.OnChange;
    }
}
