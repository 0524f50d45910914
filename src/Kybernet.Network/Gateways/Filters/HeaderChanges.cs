using Kybernet.Api.Gateway.V1;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Kybernet.Network.Gateways.Filters;

/// <summary>Headers to set, to add to, and to remove.</summary>
internal sealed class HeaderChanges(HTTPHeaderFilter filter)
{
    public void Apply(IHeaderDictionary headers)
    {
        foreach (var header in filter.Set)
        {
            headers[header.Name] = header.Value;
        }
        foreach (var header in filter.Add)
        {
            headers[header.Name] = StringValues.Concat(headers[header.Name], header.Value);
        }
        foreach (var name in filter.Remove)
        {
            headers.Remove(name);
        }
    }
}
