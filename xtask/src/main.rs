fn main() {
    let s = cashfree_vkyc_codegen::Spec::read(std::path::Path::new("spec/vkyc.yaml")).unwrap();
    match cashfree_vkyc_codegen::generate(&s) {
        Ok(g) => println!("{}\n//////\n{}", g.types, g.operations),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
}
