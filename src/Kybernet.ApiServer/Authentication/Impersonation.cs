using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Kybernet.ApiServer.Authentication;

/// <summary>Lets who may do so act as another: the <c>Impersonate-*</c> headers. Runs after authentication and before everything else.</summary>
/// <param name="authorizer">Who says whether the user may impersonate.</param>
public sealed class Impersonation(IAuthorizer authorizer)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <summary>Whom the request is to be taken to come from: the user, or whom the user impersonates.</summary>
    /// <exception cref="ApiError">The user may not impersonate so: 403.</exception>
    public ValueTask<UserInfo> ApplyAsync(ApiRequest request, UserInfo user, CancellationToken cancellationToken) =>
        request.Headers is { } headers && HasImpersonation(headers)
            ? ImpersonateAsync(request, headers, user, cancellationToken)
            : ValueTask.FromResult(user);

    private static bool HasImpersonation(IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            if (header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }
        return false;
    }

    private async ValueTask<UserInfo> ImpersonateAsync(ApiRequest request, IHeaderDictionary headers, UserInfo user, CancellationToken cancellationToken)
    {
        var name = headers[UserHeader].ToString();
        var groups = headers[GroupHeader].OfType<string>().ToArray();
        var uid = headers[UidHeader].ToString();
        var extra = HeaderExtra.Of(headers, ExtraPrefix);
        if (name.Length == 0)
        {
            throw ApiError.Internal("requested impersonation of groups, uid or extra without impersonating a user");
        }
        var account = ServiceAccountOf(name);
        await RequireAsync(request, user, account is { } named ? Of("", "serviceaccounts", named.Name, named.Namespace) : Of("", "users", name), cancellationToken);
        foreach (var group in groups)
        {
            await RequireAsync(request, user, Of("", "groups", group), cancellationToken);
        }
        if (uid.Length > 0)
        {
            await RequireAsync(request, user, Of(AuthenticationGroup, "uids", uid), cancellationToken);
        }
        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                await RequireAsync(request, user, Of(AuthenticationGroup, "userextras", value) with { Subresource = key }, cancellationToken);
            }
        }
        return new UserInfo(name, WithImplied(name, account?.Namespace, groups)) { Uid = uid, Extra = extra };
    }

    private async ValueTask RequireAsync(ApiRequest request, UserInfo user, RequestInfo wanted, CancellationToken cancellationToken)
    {
        var decision = await authorizer.AuthorizeAsync(user, wanted with { Path = request.Path }, cancellationToken);
        if (!decision.Allowed)
        {
            throw ForbiddenError.For(user, wanted, decision.Reason);
        }
    }

    private static RequestInfo Of(string group, string resource, string name, string @namespace = "") =>
        new(true, "impersonate", "", group, "v1", @namespace, resource, "", name);

    private static (string Namespace, string Name)? ServiceAccountOf(string user)
    {
        const string Prefix = WellKnownGroups.ServiceAccountUserPrefix;
        if (!user.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        var parts = user[Prefix.Length..].Split(':');
        return parts is [{ Length: > 0 } @namespace, { Length: > 0 } name] ? (@namespace, name) : null;
    }

    private static List<string> WithImplied(string name, string? accountNamespace, string[] asked)
    {
        var groups = new List<string>(asked);
        if (accountNamespace is not null && groups.Count == 0)
        {
            groups.AddRange([WellKnownGroups.ServiceAccounts, $"{WellKnownGroups.ServiceAccounts}:{accountNamespace}"]);
        }
        var implied = name == UserInfo.Anonymous.Name ? WellKnownGroups.Unauthenticated : WellKnownGroups.Authenticated;
        if (!groups.Contains(WellKnownGroups.Authenticated) && !groups.Contains(WellKnownGroups.Unauthenticated))
        {
            groups.Add(implied);
        }
        return groups;
    }
}
