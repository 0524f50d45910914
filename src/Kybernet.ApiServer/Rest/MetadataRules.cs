using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Rest;

/// <summary>Holds every object's metadata to the rules that all kinds share.</summary>
internal static class MetadataRules
{
    private static readonly FieldPath Metadata = FieldPath.Of("metadata");

    /// <summary>Says what is wrong with a new object's metadata.</summary>
    public static void ValidateCreate(ResourceEndpoint endpoint, ObjectMeta metadata, FieldErrors errors) =>
        ObjectMetaValidation.Validate(metadata, endpoint.Info.Namespaced, NameRule(endpoint), errors, Metadata);

    /// <summary>Says what is wrong with a change of an object's metadata.</summary>
    public static void ValidateUpdate(ObjectMeta metadata, EncodedObject previous, FieldErrors errors)
    {
        // What is about to be stored has no revision yet; that the client named the right one is checked already.
        var now = metadata with { ResourceVersion = previous.Header.ResourceVersion };
        ObjectMetaValidation.ValidateUpdate(now, ObjectHeader.ReadMetadata(previous.Json.Span), errors, Metadata);
    }

    private static Func<string, string?> NameRule(ResourceEndpoint endpoint) => endpoint.Strategy.ValidateName;
}
