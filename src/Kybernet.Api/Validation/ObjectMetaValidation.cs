using System.Text;
using Kybernet.Api.Meta.V1;

namespace Kybernet.Api.Validation;

/// <summary>The rules for every object's metadata.</summary>
public static class ObjectMetaValidation
{
    /// <summary>What is said of a field that may not be changed.</summary>
    public const string Immutable = "field is immutable";

    private const int MaxAnnotationBytes = 256 * 1024;
    private const string OrphanDependents = "orphan";
    private const string DeleteDependents = "foregroundDeletion";

    /// <summary>Validates the metadata of an object, whose name has been generated already if it had to be.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="namespaced">Whether the kind's objects live in namespaces.</param>
    /// <param name="nameRule">Says what is wrong with a name: <see cref="Names.Dns1123Subdomain"/> for most kinds.</param>
    /// <param name="errors">Takes what is found.</param>
    /// <param name="path">Where the metadata is.</param>
    public static void Validate(
        ObjectMeta metadata, bool namespaced, Func<string, IReadOnlyList<string>> nameRule, FieldErrors errors, FieldPath path)
    {
        if (metadata.GenerateName is { Length: > 0 } prefix)
        {
            AddAll(errors, path.Child("generateName"), prefix, Names.Prefix(prefix, nameRule));
        }
        if (metadata.Name is not { Length: > 0 } name)
        {
            errors.Required(path.Child("name"), "name or generateName is required");
        }
        else
        {
            AddAll(errors, path.Child("name"), name, nameRule(name));
        }
        ValidateNamespace(metadata, namespaced, errors, path.Child("namespace"));
        if (metadata.Generation < 0)
        {
            errors.Invalid(path.Child("generation"), metadata.Generation, "must be greater than or equal to 0");
        }
        ValidateCommon(metadata, errors, path);
    }

    /// <summary>Validates the metadata of an object, by a rule that says one thing at most.</summary>
    /// <param name="metadata">The metadata.</param>
    /// <param name="namespaced">Whether the kind's objects live in namespaces.</param>
    /// <param name="nameRule">Says what is wrong with a name, or null.</param>
    /// <param name="errors">Takes what is found.</param>
    /// <param name="path">Where the metadata is.</param>
    public static void Validate(ObjectMeta metadata, bool namespaced, Func<string, string?> nameRule, FieldErrors errors, FieldPath path) =>
        Validate(metadata, namespaced, name => nameRule(name) is { } error ? [error] : (IReadOnlyList<string>)[], errors, path);

    /// <summary>Validates what an update does to the metadata.</summary>
    /// <param name="updated">The metadata as it is to be.</param>
    /// <param name="old">The metadata as it is.</param>
    /// <param name="errors">Takes what is found.</param>
    /// <param name="path">Where the metadata is.</param>
    public static void ValidateUpdate(ObjectMeta updated, ObjectMeta old, FieldErrors errors, FieldPath path)
    {
        if (old.DeletionTimestamp is not null)
        {
            var added = updated.Finalizers.Except(old.Finalizers).Order(StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                errors.Forbidden(
                    path.Child("finalizers"),
                    $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", added.Select(item => $"\"{item}\""))}}}");
            }
        }
        if (string.IsNullOrEmpty(updated.ResourceVersion))
        {
            errors.Invalid(path.Child("resourceVersion"), "", "must be specified for an update");
        }
        if ((updated.Generation ?? 0) < (old.Generation ?? 0))
        {
            errors.Invalid(path.Child("generation"), updated.Generation ?? 0, "must not be decremented");
        }
        Unchanged(updated.Name ?? "", old.Name ?? "", errors, path.Child("name"));
        Unchanged(updated.Namespace ?? "", old.Namespace ?? "", errors, path.Child("namespace"));
        Unchanged(updated.Uid ?? "", old.Uid ?? "", errors, path.Child("uid"));
        Unchanged(Text(updated.CreationTimestamp), Text(old.CreationTimestamp), errors, path.Child("creationTimestamp"));
        Unchanged(Text(updated.DeletionTimestamp), Text(old.DeletionTimestamp), errors, path.Child("deletionTimestamp"));
        Unchanged(
            updated.DeletionGracePeriodSeconds, old.DeletionGracePeriodSeconds, errors, path.Child("deletionGracePeriodSeconds"));
        ValidateCommon(updated, errors, path);
    }

    /// <summary>Validates labels.</summary>
    public static void ValidateLabels(IReadOnlyDictionary<string, string> labels, FieldErrors errors, FieldPath path)
    {
        foreach (var (key, value) in labels)
        {
            AddAll(errors, path, key, Names.QualifiedName(key));
            AddAll(errors, path.Key(key), value, Names.LabelValue(value));
        }
    }

    /// <summary>Validates annotations: their keys, and how much they are in all.</summary>
    public static void ValidateAnnotations(IReadOnlyDictionary<string, string> annotations, FieldErrors errors, FieldPath path)
    {
        var size = 0L;
        foreach (var (key, value) in annotations)
        {
            AddAll(errors, path, key, Names.QualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }
        if (size > MaxAnnotationBytes)
        {
            errors.TooLong(path, MaxAnnotationBytes);
        }
    }

    private static void ValidateCommon(ObjectMeta metadata, FieldErrors errors, FieldPath path)
    {
        ValidateLabels(metadata.Labels, errors, path.Child("labels"));
        ValidateAnnotations(metadata.Annotations, errors, path.Child("annotations"));
        ValidateOwners(metadata.OwnerReferences, errors, path.Child("ownerReferences"));
        ValidateFinalizers(metadata.Finalizers, errors, path.Child("finalizers"));
    }

    private static void ValidateNamespace(ObjectMeta metadata, bool namespaced, FieldErrors errors, FieldPath path)
    {
        var name = metadata.Namespace ?? "";
        if (!namespaced)
        {
            if (name.Length > 0)
            {
                errors.Forbidden(path, "not allowed on this type");
            }
            return;
        }
        if (name.Length == 0)
        {
            errors.Required(path);
            return;
        }
        AddAll(errors, path, name, Names.Dns1123Label(name));
    }

    private static void ValidateOwners(IReadOnlyList<OwnerReference> owners, FieldErrors errors, FieldPath path)
    {
        string? controller = null;
        foreach (var owner in owners)
        {
            NotEmpty(owner.ApiVersion.Length == 0 || owner.ApiVersion.EndsWith('/'), owner.ApiVersion, "version must not be empty", errors, path.Child("apiVersion"));
            NotEmpty(owner.Kind.Length == 0, owner.Kind, "must not be empty", errors, path.Child("kind"));
            NotEmpty(owner.Name.Length == 0, owner.Name, "must not be empty", errors, path.Child("name"));
            NotEmpty(owner.Uid.Length == 0, owner.Uid, "must not be empty", errors, path.Child("uid"));
            if (owner is { ApiVersion: "v1", Kind: "Event" })
            {
                errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }
            if (owner.Controller != true)
            {
                continue;
            }
            var name = $"{owner.Kind}/{owner.Name}";
            if (controller is not null)
            {
                errors.Invalid(
                    path, owners, $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {name}");
            }
            controller ??= name;
        }
    }

    private static void ValidateFinalizers(IReadOnlyList<string> finalizers, FieldErrors errors, FieldPath path)
    {
        foreach (var finalizer in finalizers)
        {
            AddAll(errors, path, finalizer, Names.QualifiedName(finalizer));
        }
        if (finalizers.Contains(OrphanDependents) && finalizers.Contains(DeleteDependents))
        {
            errors.Invalid(path, finalizers, $"finalizer {OrphanDependents} and {DeleteDependents} cannot be both set");
        }
    }

    private static void NotEmpty(bool isEmpty, string value, string message, FieldErrors errors, FieldPath path)
    {
        if (isEmpty)
        {
            errors.Invalid(path, value, message);
        }
    }

    private static void Unchanged(object? updated, object? old, FieldErrors errors, FieldPath path)
    {
        if (!Equals(updated, old))
        {
            errors.Invalid(path, updated, Immutable);
        }
    }

    private static string? Text(DateTimeOffset? time) => time is { } value ? Times.Rfc3339.Format(value) : null;

    private static void AddAll(FieldErrors errors, FieldPath path, string value, IReadOnlyList<string> messages)
    {
        foreach (var message in messages)
        {
            errors.Invalid(path, value, message);
        }
    }
}
