using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authorization;
using Kybernet.ApiServer.Pipeline;
using GroupResource = Kybernet.Api.GroupResource;

namespace Kybernet.ApiServer.Authentication.Tokens;

/// <summary>Issues tokens: the <c>serviceaccounts/token</c> subresource.</summary>
/// <param name="keys">What tokens are signed with.</param>
/// <param name="apiAudiences">What a token is for, where the request does not say.</param>
/// <param name="feeds">Where accounts and bound objects are looked up.</param>
/// <param name="time">The clock.</param>
public sealed class TokenRequestHandler(ServiceAccountKeys keys, IReadOnlyList<string> apiAudiences, IObjectFeeds feeds, TimeProvider time)
{
    private const long DefaultSeconds = 3600;
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;

    /// <summary>What kubelets ask for on behalf of pods whose clients may not reload tokens: those tokens live a year, and are warned of after this.</summary>
    private const long ExtendableSeconds = 3607;

    private const long ExtendedSeconds = 365L * 24 * 3600;

    private readonly BoundObjects _bound = new(feeds, time);

    /// <summary>Issues a token for an account.</summary>
    /// <param name="namespace">The account's namespace.</param>
    /// <param name="name">The account's name.</param>
    /// <param name="request">What is asked for.</param>
    /// <returns>The request with the token in its status.</returns>
    /// <exception cref="ApiError">There is no such account or bound object, or the request makes no sense.</exception>
    public TokenRequest Handle(string @namespace, string name, TokenRequest request)
    {
        Validate(name, request);
        if (_bound.ServiceAccount(@namespace, name) is not { } account)
        {
            throw ApiError.NotFound(RbacResources.ServiceAccounts, name);
        }
        var now = time.GetUtcNow();
        var spec = request.Spec with
        {
            Audiences = request.Spec.Audiences.Count == 0 ? apiAudiences : request.Spec.Audiences,
            ExpirationSeconds = request.Spec.ExpirationSeconds ?? DefaultSeconds,
        };
        var asked = spec.ExpirationSeconds.Value;
        var isExtended = asked == ExtendableSeconds && spec.BoundObjectRef is not null && spec.Audiences.Any(apiAudiences.Contains);
        var claims = Bind(spec.BoundObjectRef, account, new ServiceAccountClaims
        {
            Issuer = keys.Issuer,
            Subject = WellKnownGroups.ServiceAccountUser(@namespace, name),
            Audiences = spec.Audiences,
            ExpiresAt = now.ToUnixTimeSeconds() + (isExtended ? ExtendedSeconds : asked),
            IssuedAt = now.ToUnixTimeSeconds(),
            NotBefore = now.ToUnixTimeSeconds(),
            Id = Guid.NewGuid().ToString(),
            Namespace = @namespace,
            ServiceAccount = new ClaimedObject(name, account.Metadata.Uid ?? ""),
            WarnAfter = isExtended ? now.ToUnixTimeSeconds() + asked : 0,
        });
        return request with
        {
            Metadata = new ObjectMeta { Name = name, Namespace = @namespace, CreationTimestamp = now },
            Spec = spec,
            Status = new TokenRequestStatus { Token = keys.Sign(claims), ExpirationTimestamp = DateTimeOffset.FromUnixTimeSeconds(claims.IssuedAt + asked) },
        };
    }

    private static void Validate(string name, TokenRequest request)
    {
        if (request.Metadata.Name is { Length: > 0 } named && named != name)
        {
            throw ApiError.BadRequest($"the name of the object ({named}) does not match the name on the URL ({name})");
        }
        var errors = new FieldErrors();
        var field = FieldPath.Of("spec").Child("expirationSeconds");
        if (request.Spec.ExpirationSeconds is < MinSeconds and { } low)
        {
            errors.Invalid(field, low, "may not specify a duration less than 10 minutes");
        }
        if (request.Spec.ExpirationSeconds is > MaxSeconds and { } high)
        {
            errors.Invalid(field, high, "may not specify a duration larger than 2^32 seconds");
        }
        if (!errors.IsEmpty)
        {
            throw ApiError.Invalid(TokenRequest.GroupVersionKind, name, errors.Items);
        }
    }

    private ServiceAccountClaims Bind(BoundObjectReference? reference, ServiceAccount account, ServiceAccountClaims claims)
    {
        if (reference is null)
        {
            return claims;
        }
        var name = reference.Name ?? "";
        var (bound, metadata) = (reference.ApiVersion, reference.Kind) switch
        {
            ("v1", "Pod") => BindPod(name, account, claims),
            ("v1", "Secret") when _bound.Secret(claims.Namespace, name) is { } secret =>
                (claims with { Secret = Claimed(secret.Metadata) }, secret.Metadata),
            ("v1", "Node") when _bound.Node(name) is { } node => (claims with { Node = Claimed(node.Metadata) }, node.Metadata),
            ("v1", "Secret" or "Node") => throw ApiError.NotFound(new GroupResource("", reference.Kind == "Node" ? "nodes" : "secrets"), name),
            _ => throw ApiError.BadRequest($"cannot bind token to object of type {TypeOf(reference)}"),
        };
        if (reference.Uid is { Length: > 0 } uid && uid != metadata.Uid)
        {
            throw ApiError.Conflict(
                new GroupResource("", reference.Kind ?? ""),
                name,
                $"the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated");
        }
        return bound;
    }

    private (ServiceAccountClaims Claims, ObjectMeta Metadata) BindPod(string name, ServiceAccount account, ServiceAccountClaims claims)
    {
        var pod = _bound.Pod(claims.Namespace, name) ?? throw ApiError.NotFound(RbacResources.Pods, name);
        if (pod.Spec.ServiceAccountName != account.Metadata.Name)
        {
            throw ApiError.BadRequest(
                $"cannot bind token for serviceaccount {GoText.Quote(account.Metadata.Name ?? "")} to pod running with different serviceaccount name.");
        }
        var node = pod.Spec.NodeName is { Length: > 0 } nodeName ? new ClaimedObject(nodeName, _bound.Node(nodeName)?.Metadata.Uid ?? "") : null;
        return (claims with { Pod = Claimed(pod.Metadata), Node = node }, pod.Metadata);
    }

    private static string TypeOf(BoundObjectReference reference)
    {
        var version = reference.ApiVersion ?? "";
        return $"{(version.Contains('/') ? version : $"/{version}")}, Kind={reference.Kind}";
    }

    private static ClaimedObject Claimed(ObjectMeta metadata) => new(metadata.Name ?? "", metadata.Uid ?? "");
}
