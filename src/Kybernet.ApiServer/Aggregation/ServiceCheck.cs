using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>Looks whether the server behind an APIService is there and answers, and what it serves.</summary>
internal sealed class ServiceCheck(IObjectFeeds feeds, TargetConnections connections, TimeProvider time)
{
    private const int MaxDocumentBytes = 4 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Who may always ask what there is.
    private static readonly UserInfo Self = new("system:kube-aggregator", [WellKnownGroups.Masters]);

    private readonly IObjectFeed _services = feeds.Of(new GroupResource("", "services"));
    private readonly IObjectFeed _endpoints = feeds.Of(new GroupResource("", "endpoints"));

    /// <summary>Looks.</summary>
    /// <returns>Whether it answers, and then what it serves.</returns>
    public async Task<(Availability Availability, RemoteResourceList Resources)> LookAsync(APIService service, CancellationToken cancellationToken)
    {
        if (RemoteService.Of(service) is not { } remote)
        {
            return (Availability.Local, RemoteResourceList.Empty);
        }
        return Missing(remote.Target.Service!) is { } missing ? (missing, RemoteResourceList.Empty) : await AskAsync(remote, cancellationToken);
    }

    private Availability? Missing(Webhooks.ServicePort wanted)
    {
        var place = $"service/{wanted.Name} in \"{wanted.Namespace}\"";
        if (_services.Find(wanted.Namespace, wanted.Name)?.As<Service>() is not { } service)
        {
            return Availability.Failed("ServiceNotFound", $"{place} is not present");
        }
        if (service.Spec.Type is not (null or "ClusterIP"))
        {
            return null;
        }
        if (service.Spec.Ports.FirstOrDefault(port => port.Port == wanted.Port) is not { } found)
        {
            return Availability.Failed("ServicePortError", $"{place} is not listening on port {wanted.Port}");
        }
        if (_endpoints.Find(wanted.Namespace, wanted.Name)?.As<Endpoints>() is not { } endpoints)
        {
            return Availability.Failed("EndpointsNotFound", $"cannot find endpointslices for {place}");
        }
        var name = found.Name ?? "";
        return endpoints.Subsets.Any(subset => subset.Addresses.Count > 0 && subset.Ports.Any(port => (port.Name ?? "") == name))
            ? null
            : Availability.Failed("MissingEndpoints", $"endpointslices for {place} have no addresses with port name \"{name}\"");
    }

    private async Task<(Availability, RemoteResourceList)> AskAsync(RemoteService remote, CancellationToken cancellationToken)
    {
        var address = new Uri(remote.Target.Address, remote.Path);
        using var deadline = new CancellationTokenSource(Patience, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            RemoteUser.Set(request, Self);
            using var response = await connections.To(remote.Target).SendAsync(request, ending.Token);
            if (!response.IsSuccessStatusCode)
            {
                return Failed(address, $"bad status from {address}: {(int)response.StatusCode}");
            }
            await response.Content.LoadIntoBufferAsync(MaxDocumentBytes, ending.Token);
            return (Availability.Passed, RemoteResources.Read(await response.Content.ReadAsByteArrayAsync(ending.Token), remote.Version));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(address, $"Get \"{address}\": context deadline exceeded");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or WebhookException)
        {
            return Failed(address, $"Get \"{address}\": {WebhookConnections.Reason(exception)}");
        }
        catch (JsonException exception)
        {
            return Failed(address, $"the answer is no list of resources: {exception.Message}");
        }
    }

    private static (Availability, RemoteResourceList) Failed(Uri address, string why) =>
        (Availability.Failed("FailedDiscoveryCheck", $"failing or missing response from {address}: {why}"), RemoteResourceList.Empty);
}
