using System.Text;
using Kybernet.Api;
using Kybernet.Api.Storage.V1;
using Kybernet.Api.Validation;
using Kybernet.ApiServer.Resources.Core.Validation;

namespace Kybernet.ApiServer.Resources.Storage;

/// <summary>VolumeAttachments: the wish that a volume be attached to a node stays; its status tells what came of it.</summary>
internal static class VolumeAttachments
{
    private const int MaxMetadataBytes = 256 * 1024;
    private const int MaxMessageBytes = 1024;
    private const string OneSource = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static void Validate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<VolumeAttachment>().Spec;
        VolumeSources.CsiDriver(spec.Attacher, Spec.Child("attacher"), errors);
        Source(spec.Source, Spec.Child("source"), errors);
        errors.Invalid(Spec.Child("nodeName"), spec.NodeName, NameRules.Subdomain(spec.NodeName));
        ValidateStatus(item, errors);
    }

    public static void ValidateStatus(EncodedObject item, FieldErrors errors)
    {
        var (status, path) = (item.As<VolumeAttachment>().Status, FieldPath.Of("status"));
        if (status.AttachmentMetadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) > MaxMetadataBytes)
        {
            errors.TooLong(path.Child("attachmentMetadata"), MaxMetadataBytes);
        }
        Failure(status.AttachError, path.Child("attachError"), errors);
        Failure(status.DetachError, path.Child("detachError"), errors);
    }

    public static void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) =>
        errors.Unchanged(item.As<VolumeAttachment>().Spec, previous.As<VolumeAttachment>().Spec, Spec);

    private static void Source(VolumeAttachmentSource source, FieldPath path, FieldErrors errors)
    {
        switch (source)
        {
            case { InlineVolumeSpec: null, PersistentVolumeName: null }:
                errors.Required(path, OneSource);
                break;
            case { InlineVolumeSpec: not null, PersistentVolumeName: not null }:
                errors.Forbidden(path, OneSource);
                break;
            case { PersistentVolumeName: "" }:
                errors.Required(path.Child("persistentVolumeName"), "must specify non empty persistentVolumeName");
                break;
            case { PersistentVolumeName: { } name }:
                errors.Name(name, path, "persistentVolumeName", NameRules.Subdomain);
                break;
            case { InlineVolumeSpec: { } inline }:
                PersistentVolumeValidation.Inline(inline, path.Child("inlineVolumeSpec"), errors);
                break;
        }
    }

    private static void Failure(VolumeError? failure, FieldPath path, FieldErrors errors)
    {
        if (failure?.Message is { } message && Encoding.UTF8.GetByteCount(message) > MaxMessageBytes)
        {
            errors.TooLong(path.Child("message"), MaxMessageBytes);
        }
        if (failure?.ErrorCode < 0)
        {
            errors.Invalid(path.Child("errorCode"), failure.ErrorCode, Rules.Between(0, int.MaxValue));
        }
    }
}
