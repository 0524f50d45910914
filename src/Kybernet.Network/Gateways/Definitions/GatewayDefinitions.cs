using Kybernet.Api.Apiextensions.V1;
using Kybernet.Api.Gateway.V1;
using Kybernet.Api.Json;
using Kybernet.Client;
using Microsoft.Extensions.Logging;

namespace Kybernet.Network.Gateways.Definitions;

/// <summary>
/// Sees to it that the kinds of the Gateway API are there. What an administrator has installed stays as it is, older or newer: it is used from when it
/// serves the versions that are read here.
/// </summary>
internal sealed partial class GatewayDefinitions(ApiClient client, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly ListSelection None = new(FieldSelector: "metadata.name=-");

    /// <summary>Makes the definitions that are missing, and waits until all kinds are served.</summary>
    /// <returns>The version of the bundle that the definitions are of, as the first of them says.</returns>
    public async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        var facts = FactTable.Load();
        var builder = new DefinitionBuilder(facts);
        var bundle = "";
        foreach (var kind in facts.Kinds)
        {
            var wanted = ModelJson.Parse<CustomResourceDefinition>(builder.Build(kind));
            var there = await client.FindAsync<CustomResourceDefinition>("", wanted.Metadata.Name!, cancellationToken) ?? await CreateAsync(wanted, cancellationToken);
            if (bundle.Length == 0)
            {
                bundle = there.Metadata.Annotations.GetValueOrDefault(DefinitionBuilder.BundleVersionAnnotation, "");
            }
        }
        await WaitUntilServedAsync<GatewayClass>(cancellationToken);
        await WaitUntilServedAsync<Gateway>(cancellationToken);
        await WaitUntilServedAsync<HTTPRoute>(cancellationToken);
        await WaitUntilServedAsync<GRPCRoute>(cancellationToken);
        await WaitUntilServedAsync<TLSRoute>(cancellationToken);
        await WaitUntilServedAsync<ReferenceGrant>(cancellationToken);
        await WaitUntilServedAsync<BackendTLSPolicy>(cancellationToken);
        return bundle;
    }

    private async Task<CustomResourceDefinition> CreateAsync(CustomResourceDefinition wanted, CancellationToken cancellationToken)
    {
        try
        {
            return await client.CreateAsync(wanted, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return await client.GetAsync<CustomResourceDefinition>("", wanted.Metadata.Name!, cancellationToken);
        }
    }

    private async Task WaitUntilServedAsync<T>(CancellationToken cancellationToken)
        where T : class, Api.Json.IResourceObject<T>
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await client.ListAsync<T>("", None, cancellationToken);
                return;
            }
            catch (ApiException e) when (e.IsNotFound)
            {
                if (attempt == 50)
                {
                    LogNotServed(T.Resource.ToString());
                }
                await Task.Delay(attempt < 50 ? Pause : 25 * Pause, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Resource} is not served: the installed definition is of another release of the Gateway API. Gateways wait for it")]
    private partial void LogNotServed(string resource);
}
