using Kybernet.Api;
using Kybernet.Api.Apiregistration.V1;
using Kybernet.ApiServer.Webhooks;

namespace Kybernet.ApiServer.Aggregation;

/// <summary>A group and version that another server serves.</summary>
/// <param name="Version">The group and version.</param>
/// <param name="Target">Where the server is.</param>
/// <param name="IsAvailable">Whether it answered when it was last looked at.</param>
internal sealed record RemoteService(GroupVersion Version, WebhookTarget Target, bool IsAvailable)
{
    /// <summary>What an APIService says; null for one that is served here.</summary>
    public static RemoteService? Of(APIService service)
    {
        if (service.Spec.Service is not { } reference)
        {
            return null;
        }
        var place = new ServicePort(reference.Namespace ?? "", reference.Name ?? "", reference.Port ?? 443);
        var target = WebhookTarget.Behind(place, "", service.Spec.CaBundle ?? default) with { BelievesAnybody = service.Spec.InsecureSkipTLSVerify == true };
        return new RemoteService(new GroupVersion(service.Spec.Group ?? "", service.Spec.Version ?? ""), target, Availability.Of(service));
    }

    /// <summary>The path of what it serves.</summary>
    public string Path => Version.Group.Length == 0 ? $"/api/{Version.Version}" : $"/apis/{Version.Group}/{Version.Version}";
}
