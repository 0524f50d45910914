using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Believes a proxy that authenticates users who they are: it proves by its certificate that it is one, and names the user in headers.</summary>
/// <param name="proxies">Says whose certificate it is.</param>
/// <param name="options">Which proxies, and which headers.</param>
internal sealed class RequestHeaderAuthenticator(ClientCertificateAuthenticator proxies, RequestHeaderOptions options) : IAuthenticator
{
    /// <inheritdoc />
    public async ValueTask<UserInfo?> AuthenticateAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.Headers is not { } headers || First(headers, options.UsernameHeaders) is not { Length: > 0 } name)
        {
            return null;
        }
        if (await proxies.AuthenticateAsync(request, cancellationToken) is not { } proxy)
        {
            return null;
        }
        if (options.AllowedNames.Count > 0 && !options.AllowedNames.Contains(proxy.Name))
        {
            throw ApiError.Unauthorized();
        }
        return new UserInfo(name, [.. options.GroupHeaders.SelectMany(header => headers[header].OfType<string>())])
        {
            Uid = First(headers, options.UidHeaders),
            Extra = HeaderExtra.Of(headers, options.ExtraHeadersPrefixes),
        };
    }

    private static string First(IHeaderDictionary headers, IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } value, ..])
            {
                return value;
            }
        }
        return "";
    }
}
