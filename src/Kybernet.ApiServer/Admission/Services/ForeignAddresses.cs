using Kybernet.Api.Networking.V1;
using Kybernet.ApiServer.Authorization;

namespace Kybernet.ApiServer.Admission.Services;

/// <summary>
/// The addresses that IPAddress objects keep for something that is no Service. Of Services' addresses the Services themselves tell: the objects follow them,
/// a little later.
/// </summary>
internal sealed class ForeignAddresses(IObjectFeed addresses)
{
    /// <summary>Whether an address is kept for something else.</summary>
    public bool Contains(string address) =>
        addresses.Find("", address)?.As<IPAddress>() is { Spec.ParentRef: var parent } && ((parent.Group ?? "").Length > 0 || parent.Resource != "services");
}
