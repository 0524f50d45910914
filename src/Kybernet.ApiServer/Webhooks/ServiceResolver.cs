using System.Net;
using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Webhooks;

/// <summary>Finds where a Service answers, without the machine having to know the cluster's addresses and names.</summary>
internal sealed class ServiceResolver(IObjectFeeds feeds)
{
    private readonly IObjectFeed _services = feeds.Of(new GroupResource("", "services"));
    private readonly IObjectFeed _endpoints = feeds.Of(new GroupResource("", "endpoints"));

    /// <summary>One of the places where it answers.</summary>
    /// <exception cref="WebhookException">There is none.</exception>
    public DnsEndPoint Find(ServicePort wanted)
    {
        var service = _services.Find(wanted.Namespace, wanted.Name)?.As<Service>() ?? throw new WebhookException($"service \"{wanted.Name}\" not found");
        if (service.Spec.Type == "ExternalName")
        {
            return new DnsEndPoint(service.Spec.ExternalName ?? "", wanted.Port);
        }
        var port = service.Spec.Ports.FirstOrDefault(port => port.Port == wanted.Port)
            ?? throw new WebhookException($"no service port {wanted.Port} found for service \"{wanted.Name}\"");
        var ready = (_endpoints.Find(wanted.Namespace, wanted.Name)?.As<Endpoints>().Subsets ?? [])
            .Select(subset => (subset.Addresses, Port: subset.Ports.FirstOrDefault(target => (target.Name ?? "") == (port.Name ?? ""))))
            .Where(static subset => subset.Port is not null)
            .SelectMany(static subset => subset.Addresses.Select(address => new DnsEndPoint(address.Ip, subset.Port!.Port)))
            .ToArray();
        return ready.Length > 0 ? ready[Random.Shared.Next(ready.Length)] : throw new WebhookException($"no endpoints available for service \"{wanted.Name}\"");
    }
}
