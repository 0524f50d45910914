using Kybernet.Api;
using Kybernet.Api.Authorization.V1;
using Kybernet.Api.Json;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Reviews;

/// <summary>Answers whether somebody may do something: the three kinds of access review. What they ask is never carried out.</summary>
/// <param name="authorizer">Who decides on real requests.</param>
public sealed class AccessReviewer(IAuthorizer authorizer)
{
    /// <summary>Whether the asker may.</summary>
    /// <exception cref="ApiError">The review makes no sense.</exception>
    public async Task<SelfSubjectAccessReview> HandleAsync(SelfSubjectAccessReview review, UserInfo user, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        AccessQuestion.Validate(review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes, errors);
        ThrowIfAny(errors, SelfSubjectAccessReview.GroupVersionKind);
        var question = AccessQuestion.Of(review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes);
        return review with { Metadata = NoName(review), Status = await DecideAsync(user, question, cancellationToken) };
    }

    /// <summary>Whether somebody else may.</summary>
    /// <exception cref="ApiError">The review makes no sense.</exception>
    public async Task<SubjectAccessReview> HandleAsync(SubjectAccessReview review, CancellationToken cancellationToken)
    {
        Validate(review.Spec, new FieldErrors(), SubjectAccessReview.GroupVersionKind);
        var question = AccessQuestion.Of(review.Spec.ResourceAttributes, review.Spec.NonResourceAttributes);
        return review with { Metadata = NoName(review), Status = await DecideAsync(UserOf(review.Spec), question, cancellationToken) };
    }

    /// <summary>Whether somebody else may, in the namespace that the review is posted to.</summary>
    /// <exception cref="ApiError">The review makes no sense, or asks about another namespace.</exception>
    public async Task<LocalSubjectAccessReview> HandleAsync(LocalSubjectAccessReview review, string @namespace, CancellationToken cancellationToken)
    {
        var errors = new FieldErrors();
        var spec = FieldPath.Of("spec");
        if (review.Spec.ResourceAttributes is { } resource && (resource.Namespace ?? "") != (review.Metadata.Namespace ?? @namespace))
        {
            errors.Invalid(spec.Child("resourceAttributes").Child("namespace"), resource.Namespace ?? "", "must match metadata.namespace");
        }
        if (review.Spec.NonResourceAttributes is not null)
        {
            errors.Invalid(spec.Child("nonResourceAttributes"), null, "disallowed on this kind of request");
        }
        Validate(review.Spec, errors, LocalSubjectAccessReview.GroupVersionKind);
        if (review.Metadata.Namespace is { Length: > 0 } own && own != @namespace)
        {
            throw ApiError.BadRequest($"spec.resourceAttributes.namespace must match namespace: {@namespace}");
        }
        var question = AccessQuestion.Of(review.Spec.ResourceAttributes, null);
        return review with
        {
            Metadata = new ObjectMeta { Namespace = @namespace },
            Status = await DecideAsync(UserOf(review.Spec), question, cancellationToken),
        };
    }

    private async Task<SubjectAccessReviewStatus> DecideAsync(UserInfo user, RequestInfo question, CancellationToken cancellationToken)
    {
        var decision = await authorizer.AuthorizeAsync(user, question, cancellationToken);
        return new SubjectAccessReviewStatus { Allowed = decision.Allowed, Reason = decision.Reason.Length == 0 ? null : decision.Reason };
    }

    private static void Validate(SubjectAccessReviewSpec spec, FieldErrors errors, GroupVersionKind kind)
    {
        AccessQuestion.Validate(spec.ResourceAttributes, spec.NonResourceAttributes, errors);
        if (string.IsNullOrEmpty(spec.User) && spec.Groups.Count == 0)
        {
            errors.Invalid(FieldPath.Of("spec").Child("user"), spec.User ?? "", "at least one of user or group must be specified");
        }
        ThrowIfAny(errors, kind);
    }

    private static void ThrowIfAny(FieldErrors errors, GroupVersionKind kind)
    {
        if (!errors.IsEmpty)
        {
            throw ApiError.Invalid(kind, "", errors.Items);
        }
    }

    private static UserInfo UserOf(SubjectAccessReviewSpec spec) => new(spec.User ?? "", spec.Groups) { Uid = spec.Uid ?? "", Extra = spec.Extra };

    /// <summary>A review is not stored and has no name.</summary>
    private static ObjectMeta NoName(IKubernetesObject review) => review.Metadata with { Name = null, Namespace = null };
}
