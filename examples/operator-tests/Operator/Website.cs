using System.ComponentModel.DataAnnotations;
using k8s;
using k8s.Models;

namespace Websites.Operator;

/// <summary>A website: so many copies of an image, and for how long a copy may stay up that nobody asked for.</summary>
[KubernetesEntity(Group = "example.com", ApiVersion = "v1", Kind = "Website", PluralName = "websites")]
public sealed class Website : IKubernetesObject<V1ObjectMeta>, ISpec<WebsiteSpec>, IStatus<WebsiteStatus?>
{
    public string ApiVersion { get; set; } = "example.com/v1";

    public string Kind { get; set; } = "Website";

    public V1ObjectMeta Metadata { get; set; } = new();

    public WebsiteSpec Spec { get; set; } = new();

    public WebsiteStatus? Status { get; set; }
}

public sealed class WebsiteSpec
{
    [Required]
    public string? Image { get; set; }

    [Range(0, 100)]
    public int Replicas { get; set; }

    /// <summary>After how many minutes the website is taken down; null for never.</summary>
    public int? TakeDownAfterMinutes { get; set; }
}

public sealed class WebsiteStatus
{
    public int ReadyReplicas { get; set; }

    public string? Phase { get; set; }
}
