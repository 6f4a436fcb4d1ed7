# Of a CycloneDX list as `npm sbom` prints it: without what only development needs. (--omit=dev leaves out what both need, too.)
[.components[] | select(any(.properties[]?; .name == "cdx:npm:package:development") | not)] as $kept
| [$kept[]."bom-ref", .metadata.component."bom-ref"] as $refs
| .components = $kept
| .dependencies |= map(select(.ref | IN($refs[])) | .dependsOn |= map(select(IN($refs[]))))
